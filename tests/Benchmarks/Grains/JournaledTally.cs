using Orleans.EventSourcing;

namespace Granary.Benchmarks;

/// <summary>An ordinary journaled grain: its providers differ, it does not.</summary>
public abstract class JournaledTally(Departures departures) : JournaledGrain<TallyState, Noted>, ITallyGrain
{
    /// <inheritdoc />
    public async Task<long> Add(long amount)
    {
        RaiseEvent(Noted.Of(amount));
        await ConfirmEvents();
        return State.Events;
    }

    /// <inheritdoc />
    public async Task<long> AddMany(int events)
    {
        var raised = new Noted[events];
        for (var at = 0; at < events; at++) raised[at] = Noted.Of(1);
        RaiseEvents(raised);
        await ConfirmEvents();
        return State.Events;
    }

    /// <inheritdoc />
    public async Task<long> AddInTurn(int events)
    {
        for (var at = 0; at < events; at++)
        {
            RaiseEvent(Noted.Of(1));
            await ConfirmEvents();
        }

        return State.Events;
    }

    /// <inheritdoc />
    public Task<long> Count() => Task.FromResult(State.Events);

    /// <inheritdoc />
    public Task Leave()
    {
        departures.Tell(GrainContext);
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
