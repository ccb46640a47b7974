using Granary.Contracts;

namespace Granary.Tests.Unit.Processes;

/// <summary>What can happen to the watch over a new account.</summary>
public interface IWatchEvent;

/// <summary>The watch has begun.</summary>
[GenerateSerializer, Alias("unit.watch-begun")]
public sealed record WatchBegun : IWatchEvent;

/// <summary>The watch has ended by its deadline.</summary>
[GenerateSerializer, Alias("unit.watch-ended")]
public sealed record WatchEnded([property: Id(0)] string Deadline) : IWatchEvent;

/// <summary>How a watch stands.</summary>
[GenerateSerializer, Alias("unit.WatchState")]
public sealed class WatchState
{
    /// <summary>Its events.</summary>
    [Id(0)] public List<string> Had { get; set; } = [];

    /// <summary>It has begun.</summary>
    public void Apply(WatchBegun _) => Had.Add("begun");

    /// <summary>It has ended.</summary>
    public void Apply(WatchEnded ended) => Had.Add($"ended by {ended.Deadline}");
}

/// <summary>Watches over an account for an hour.</summary>
[Alias("unit.IWatchGrain")]
public interface IWatchGrain : IGrainWithStringKey
{
    /// <summary>What it had.</summary>
    [Alias("Had")]
    Task<List<string>> Had();

    /// <summary>Removes its deadline.</summary>
    [Alias("Remove")]
    Task Remove();
}

/// <summary>A process manager that is fed by accounts, sets a deadline and counts how often it was called.</summary>
[GrainType("unit-watch")]
public sealed class WatchGrain(WatchCalls calls)
    : ProcessManager<WatchState, IWatchEvent>, IWatchGrain
{
    /// <inheritdoc />
    public Task<List<string>> Had() => Task.FromResult(State.Had.ToList());

    /// <inheritdoc />
    public Task Remove() => RemoveDeadlineAsync("hour");

    /// <summary>An account was opened.</summary>
    public async Task On(AccountOpened opened, ProcessContext context)
    {
        calls.Add($"opened {context.CommandId("x")}");
        await SetDeadlineAsync("hour", WatchCalls.Due, context.CancellationToken);
        await RecordAsync(context, new WatchBegun());
    }

    /// <inheritdoc />
    protected override async Task OnDeadlineAsync(string name, ProcessContext context)
    {
        calls.Add($"deadline {context.CauseId:N}");
        if (calls.FailsOnce()) throw new InvalidOperationException("It fails once.");
        await RecordAsync(context, new WatchEnded(name));
    }
}
