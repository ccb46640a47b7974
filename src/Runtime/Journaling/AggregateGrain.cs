using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>
/// A <see cref="JournaledGrain{TGrainState,TEventBase}"/> with what it lacks: <c>Apply</c> methods that are looked up and
/// compiled once, so that a missing one fails the activation, idempotent commands, and metadata for events.
/// </summary>
/// <typeparam name="TState">The state; it has an <c>Apply</c> method for every event type.</typeparam>
/// <typeparam name="TEvent">The base type of the events.</typeparam>
public abstract class AggregateGrain<TState, TEvent> : JournaledGrain<TState, TEvent>
    where TState : class, new()
    where TEvent : class
{
    /// <summary>The aggregate's stream.</summary>
    protected StreamName Stream => throw new NotSupportedException();

    /// <summary>Where the last confirmed event stands in the log.</summary>
    protected LogPosition Position => throw new NotSupportedException();

    /// <summary>Raises an event with metadata of its own, beside what the request says.</summary>
    protected void RaiseEvent(TEvent @event, IEnumerable<KeyValuePair<string, string>> metadata) =>
        throw new NotSupportedException();

    /// <summary>
    /// Runs a command: <paramref name="decide"/> looks at <c>State</c> and raises events, at most one append's worth. What
    /// it raised is confirmed together with the command's id and its answer before the task completes. Where another writer
    /// was faster, the state is refreshed and <paramref name="decide"/> runs again. A command that was done before, also
    /// before a restart, is not run again and gets its first answer; the last 1,000 commands of a stream are remembered.
    /// </summary>
    /// <typeparam name="TAnswer">The answer; it must be JSON that comes back as it was.</typeparam>
    /// <exception cref="CommandIdReusedException">The id was used for another command.</exception>
    protected Task<TAnswer> ExecuteAsync<TAnswer>(Command command, Func<TAnswer> decide) =>
        throw new NotSupportedException();
}
