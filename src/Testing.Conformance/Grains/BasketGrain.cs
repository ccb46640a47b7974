using Granary.Runtime;
using Orleans.Concurrency;
using Orleans.EventSourcing;

namespace Granary.Testing.Conformance.Grains;

/// <summary>A grain whose events hold lists, which its state keeps as they are and then adds to.</summary>
[Alias("test.IBasketGrain")]
public interface IBasketGrain : IGrainWithStringKey
{
    [Alias("Pack")] Task<string[]> Pack(string[] items);

    [Alias("Add")] Task<string[]> Add(string item);

    [Alias("Tentative")] Task<string[]> Tentative();

    [Alias("Read")] Task<string[]> Read();

    [Alias("AddAndClear")] Task<bool> AddAndClear(string item);

    [Alias("ClearAndAdd")] Task ClearAndAdd(string item);

    [Alias("TryAddAcrossClear")] Task<bool> TryAddAcrossClear(string item);

    [Alias("Statistics")] Task<Dictionary<string, long>> Statistics(string item);

    [Alias("Leave")] Task Leave();
}

public interface IBasketEvent;

[GenerateSerializer, Alias("test.basket-packed")]
public sealed class BasketPacked : IBasketEvent
{
    [Id(0)] public List<string> Items { get; set; } = [];
}

[GenerateSerializer, Alias("test.basket-item-added")]
public sealed record BasketItemAdded([property: Id(0)] string Item) : IBasketEvent;

[GenerateSerializer, Alias("test.BasketState")]
public sealed class BasketState
{
    [Id(0)] public List<string> Items { get; set; } = [];

    public void Apply(BasketPacked packed) => Items = packed.Items;

    public void Apply(BasketItemAdded added) => Items.Add(added.Item);
}

[GrainType("basket"), Reentrant]
public sealed class BasketGrain : JournaledGrain<BasketState, IBasketEvent>, IBasketGrain
{
    public async Task<string[]> Pack(string[] items)
    {
        RaiseEvent(new BasketPacked { Items = [.. items] });
        await ConfirmEvents();
        return [.. State.Items];
    }

    public async Task<string[]> Add(string item)
    {
        RaiseEvent(new BasketItemAdded(item));
        await ConfirmEvents();
        return [.. State.Items];
    }

    public Task<string[]> Tentative() => Task.FromResult(TentativeState.Items.ToArray());

    public Task<string[]> Read() => Task.FromResult(State.Items.ToArray());

    public async Task<bool> AddAndClear(string item)
    {
        RaiseEvent(new BasketItemAdded(item));
        var cleared = ClearLogAsync();
        await Task.WhenAll(ConfirmEvents(), cleared);
        return Version == 0 && !UnconfirmedEvents.Any();
    }

    public async Task ClearAndAdd(string item)
    {
        var cleared = ClearLogAsync();
        RaiseEvent(new BasketItemAdded(item));
        await Task.WhenAll(cleared, ConfirmEvents());
    }

    public async Task<bool> TryAddAcrossClear(string item)
    {
        var cleared = ClearLogAsync();
        var landed = RaiseConditionalEvent(new BasketItemAdded(item));
        await cleared;
        return await landed;
    }

    public async Task<Dictionary<string, long>> Statistics(string item)
    {
        EnableStatsCollection();
        RaiseEvent(new BasketItemAdded(item));
        await ConfirmEvents();
        await RefreshNow();
        await RaiseConditionalEvent(new BasketItemAdded(item));
        var collected = GetStats()!;
        DisableStatsCollection();
        var counters = new Dictionary<string, long>(collected.EventCounters)
        {
            ["latencies"] = collected.StabilizationLatenciesInMsecs.Count,
        };
        return GetStats() is null ? counters : [];
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

/// <summary>An aggregate whose state has no Apply for one of its events.</summary>
[Alias("test.IForgetfulGrain")]
public interface IForgetfulGrain : IGrainWithStringKey
{
    [Alias("Read")] Task<int> Read();
}

public abstract record ForgetfulEvent;

[GenerateSerializer, Alias("test.remembered")]
public sealed record Remembered : ForgetfulEvent;

[GenerateSerializer, Alias("test.forgotten")]
public sealed record Forgotten : ForgetfulEvent;

[GenerateSerializer, Alias("test.ForgetfulState")]
public sealed class ForgetfulState
{
    [Id(0)] public int Count { get; set; }

    public void Apply(Remembered remembered) => Count++;
}

[GrainType("forgetful")]
public sealed class ForgetfulGrain : AggregateGrain<ForgetfulState, ForgetfulEvent>, IForgetfulGrain
{
    public Task<int> Read() => Task.FromResult(State.Count);
}
