using Orleans.Concurrency;
using Orleans.EventSourcing;

namespace Granary.Testing.Conformance.Grains;

/// <summary>A journaled grain as any Orleans user writes one: it does not refer to Granary.</summary>
[Alias("test.ICounterGrain")]
public interface ICounterGrain : IGrainWithStringKey
{
    [Alias("Add")] Task<int> Add(int amount);

    [Alias("AddWithoutConfirming")] Task AddWithoutConfirming(int amount);

    [Alias("AddAll")] Task<int> AddAll(int[] amounts);

    [Alias("TryAdd")] Task<bool> TryAdd(int amount);

    [Alias("TryAddAll")] Task<bool> TryAddAll(int[] amounts);

    [Alias("Get")] Task<CounterView> Get();

    [Alias("Refresh")] Task<CounterView> Refresh();

    [Alias("History")] Task<int[]> History(int from, int to);

    [Alias("Clear")] Task Clear();

    [Alias("Leave")] Task Leave();

    [Alias("MoveAway")] Task MoveAway();

    [Alias("Home")] Task<string> Home();
}

[GenerateSerializer, Alias("test.CounterView")]
public sealed record CounterView(
    [property: Id(0)] int Total,
    [property: Id(1)] int Version,
    [property: Id(2)] int Tentative,
    [property: Id(3)] int Unconfirmed,
    [property: Id(4)] int StateChanges,
    [property: Id(5)] int TentativeChanges,
    [property: Id(6)] int Issues,
    [property: Id(7)] int IssuesResolved,
    [property: Id(8)] int Folded);

public interface ICounterEvent;

[GenerateSerializer, Alias("test.added")]
public sealed record Added([property: Id(0)] int Amount) : ICounterEvent;

[GenerateSerializer, Alias("test.CounterState")]
public sealed class CounterState
{
    [Id(0)] public int Total { get; set; }

    public void Apply(Added added)
    {
        if (added.Amount == 13) throw new InvalidOperationException("Thirteen cannot be applied.");
        Total += added.Amount;
    }
}

/// <summary>It overrides <c>OnActivateAsync</c> without calling the base, and is reentrant.</summary>
[GrainType("counter"), Reentrant]
public sealed class CounterGrain(ILocalSiloDetails silo) : JournaledGrain<CounterState, ICounterEvent>, ICounterGrain
{
    private int _stateChanges;
    private int _tentativeChanges;
    private int _issues;
    private int _issuesResolved;
    private int _folded;

    public override Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<int> Add(int amount)
    {
        RaiseEvent(new Added(amount));
        await ConfirmEvents();
        return Version;
    }

    public Task AddWithoutConfirming(int amount)
    {
        RaiseEvent(new Added(amount));
        return Task.CompletedTask;
    }

    public async Task<int> AddAll(int[] amounts)
    {
        RaiseEvents(amounts.Select(static amount => new Added(amount)));
        await ConfirmEvents();
        return Version;
    }

    public Task<bool> TryAdd(int amount) => RaiseConditionalEvent(new Added(amount));

    public Task<bool> TryAddAll(int[] amounts) =>
        RaiseConditionalEvents(amounts.Select(static amount => new Added(amount)));

    public Task<CounterView> Get() => Task.FromResult(new CounterView(
        State.Total, Version, TentativeState.Total, UnconfirmedEvents.Count(), _stateChanges, _tentativeChanges,
        _issues, _issuesResolved, _folded));

    public async Task<CounterView> Refresh()
    {
        await RefreshNow();
        return await Get();
    }

    public async Task<int[]> History(int from, int to) =>
        (await RetrieveConfirmedEvents(from, to)).Cast<Added>().Select(static added => added.Amount).ToArray();

    public Task Clear() => ClearLogAsync();

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task MoveAway()
    {
        MigrateOnIdle();
        return Task.CompletedTask;
    }

    public Task<string> Home() => Task.FromResult(silo.SiloAddress.ToString());

    protected override void OnStateChanged() => _stateChanges++;

    protected override void OnTentativeStateChanged() => _tentativeChanges++;

    protected override void OnConnectionIssue(ConnectionIssue issue) => _issues++;

    protected override void OnConnectionIssueResolved(ConnectionIssue issue) => _issuesResolved++;

    protected override void TransitionState(CounterState state, ICounterEvent @event)
    {
        _folded++;
        base.TransitionState(state, @event);
    }
}
