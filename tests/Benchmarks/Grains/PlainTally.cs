namespace Granary.Benchmarks;

/// <summary>The ceiling: the same state and the same calls, and nothing is kept.</summary>
[GrainType(Kind)]
public sealed class PlainTally(Departures departures) : Grain, ITallyGrain
{
    internal const string Kind = "bench-plain";

    private readonly TallyState _state = new();

    /// <inheritdoc />
    public Task<long> Add(long amount)
    {
        _state.Apply(Noted.Of(amount));
        return Task.FromResult(_state.Events);
    }

    /// <inheritdoc />
    public Task<long> AddMany(int events)
    {
        for (var at = 0; at < events; at++) _state.Apply(Noted.Of(1));
        return Task.FromResult(_state.Events);
    }

    /// <inheritdoc />
    public Task<long> AddInTurn(int events) => AddMany(events);

    /// <inheritdoc />
    public Task<long> Count() => Task.FromResult(_state.Events);

    /// <inheritdoc />
    public Task Leave()
    {
        departures.Tell(GrainContext);
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
