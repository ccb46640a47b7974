using Granary.Runtime;
using Orleans.Concurrency;

namespace Granary.Testing.Conformance.Grains;

/// <summary>A till whose commands interleave.</summary>
[Alias("test.ISharedTillGrain")]
public interface ISharedTillGrain : IGrainWithStringKey
{
    [Alias("Put")] Task<TillAnswer> Put(string? commandId, int amount);

    [Alias("Take")] Task<TillAnswer> Take(int amount);

    [Alias("TakeOrThrow")] Task<TillAnswer> TakeOrThrow(int amount);

    [Alias("PutAndThrow")] Task PutAndThrow(int amount);

    [Alias("PutBesideCommand")] Task<TillAnswer> PutBesideCommand(int plain, int amount);

    [Alias("PutLater")] Task PutLater(int amount);

    [Alias("PutWithinCommand")] Task PutWithinCommand(int amount);

    [Alias("Content")] Task<TillAnswer> Content();

    [Alias("ContentNow")] Task<TillAnswer> ContentNow();

    [Alias("ContentAt")] Task<TillAnswer> ContentAt(int version);

    [Alias("ContentAtInstant")] Task<TillAnswer> ContentAtInstant(DateTimeOffset instant);

    [Alias("Decisions")] Task<int> Decisions();
}

/// <summary>What a till throws whose content does not suffice.</summary>
[GenerateSerializer, Alias("test.EmptyTillException")]
public sealed class EmptyTillException(int content) : Exception($"There is only {content}.")
{
    [Id(0)] public int Content { get; } = content;
}

[GrainType("shared-till"), Reentrant]
public sealed class SharedTillGrain : AggregateGrain<TillState, TillEvent>, ISharedTillGrain
{
    private int _decisions;

    public Task<TillAnswer> Put(string? commandId, int amount) =>
        ExecuteAsync(Command.Of(commandId, new Put(amount)), () =>
        {
            _decisions++;
            var before = State.Content;
            RaiseEvent(new Put(amount));

            // What it decided on stays as it was; what it raised is in the tentative state.
            return State.Content == before && TentativeState.Content == before + amount
                ? new TillAnswer(true, before + amount, Version + 1)
                : throw new InvalidOperationException("The states mingle.");
        });

    public Task<TillAnswer> Take(int amount) => ExecuteAsync(default, () =>
    {
        _decisions++;
        if (State.Content < amount) return new TillAnswer(false, State.Content, Version);
        RaiseEvent(new Taken(amount));
        return new TillAnswer(true, TentativeState.Content, Version + 1);
    });

    public Task<TillAnswer> TakeOrThrow(int amount) => ExecuteAsync(default, () =>
    {
        _decisions++;
        if (State.Content < amount) throw new EmptyTillException(State.Content);
        RaiseEvent(new Taken(amount));
        return new TillAnswer(true, TentativeState.Content, Version + 1);
    });

    public Task PutAndThrow(int amount) => ExecuteAsync(default, () =>
    {
        _decisions++;
        RaiseEvent(new Put(amount));
        return State.Content < 0 ? amount : throw new EmptyTillException(State.Content);
    });

    public async Task<TillAnswer> PutBesideCommand(int plain, int amount)
    {
        RaiseEvent(new Put(plain));
        return await Put(null, amount);
    }

    // As object, so that the compiler does not see that the answer is a task.
    public Task PutLater(int amount) => ExecuteAsync<object>(default, () => PutAfterAwaitAsync(amount));

    public Task PutWithinCommand(int amount) => ExecuteAsync(default, () =>
    {
        RaiseEvent(new Put(amount));
        return RaiseConditionalEvent(new Put(amount)).IsCompleted;
    });

    public Task<TillAnswer> Content() => Task.FromResult(new TillAnswer(true, State.Content, Version));

    public async Task<TillAnswer> ContentNow()
    {
        await RefreshIfMovedAsync();
        return await Content();
    }

    public async Task<TillAnswer> ContentAt(int version)
    {
        var past = await ReadStateAsync(new StreamVersion(version));
        return new TillAnswer(true, past.State.Content, (int)past.Version.Value);
    }

    public async Task<TillAnswer> ContentAtInstant(DateTimeOffset instant)
    {
        var past = await ReadStateAsync(instant);
        return new TillAnswer(true, past.State.Content, (int)past.Version.Value);
    }

    public Task<int> Decisions() => Task.FromResult(_decisions);

    private async Task PutAfterAwaitAsync(int amount)
    {
        await Task.Yield();
        RaiseEvent(new Put(amount));
    }
}
