using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Granary;

/// <summary>
/// A grain that leads a process through several aggregates: it handles events of the log, its own and others', sends
/// commands to other grains, and keeps how far the process is as events of its own.
/// </summary>
/// <remarks>
/// <para>Register it with <c>AddProcessManager</c>, which names the categories whose events it is fed with beside its
/// own. It handles events in public methods <c>Task On(TEvent, ProcessContext)</c>. Of several that fit an event the
/// one with the nearest type is called; an event that none fits is passed over.</para>
/// <para>Every event is handled at least once, those of one stream in their order, until the method has returned. So
/// the log is the outbox: an own event is recorded first, and the method that handles it sends the commands that follow
/// from it. Give each command the id of <see cref="ProcessContext.CommandId"/>, and end with
/// <see cref="RecordAsync"/>: it records what the commands came to, once for each event that is handled. An event whose
/// outcome is recorded is not handled again.</para>
/// <para>A method that throws is called again. After five tries the event's stream is parked for this process and the
/// others go on; while the store or a silo cannot be reached, it is tried for as long as that lasts.</para>
/// </remarks>
/// <typeparam name="TState">The state; it has an <c>Apply</c> method for every event type.</typeparam>
/// <typeparam name="TEvent">The base type of its own events.</typeparam>
public abstract class ProcessManager<TState, TEvent> : AggregateGrain<TState, TEvent>, IProcessGrain
    where TState : class, new()
    where TEvent : class
{
    async Task IProcessGrain.Handle(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        await RefreshIfMovedAsync(cancellationToken);
        var number = 0;
        foreach (var (handler, happened) in Services.Events.Decode(GetType(), recorded))
        {
            var id = EffectIds.Of(Stream.ToString(), recorded.Id, number++);
            if (!IsRecorded(id)) await handler(this, happened, new ProcessContext(recorded, id, cancellationToken));
        }
    }

    async Task IProcessGrain.Expire(string name, DateTimeOffset due, CancellationToken cancellationToken)
    {
        await RefreshIfMovedAsync(cancellationToken);
        var id = DeadlineRow.IdOf(Stream, name, due);
        if (!IsRecorded(id)) await OnDeadlineAsync(name, new ProcessContext(null, id, cancellationToken));
    }

    private ProcessServices Services => ServiceProvider.GetService<ProcessServices>()
        ?? throw new InvalidOperationException($"{GetType()} is not registered: add it with AddProcessManager.");

    /// <summary>
    /// Records what handling an event or a deadline came to: own events, or none where it only has to be known that it
    /// was handled. It is recorded once: called again for the same, it does nothing.
    /// </summary>
    /// <param name="cause">What is handled.</param>
    /// <param name="events">The events, at most one append's worth.</param>
    /// <exception cref="EventsNotConfirmedException">
    /// The store did not take the events within the time for retries.
    /// </exception>
    protected Task RecordAsync(ProcessContext cause, params IReadOnlyList<TEvent> events) => ExecuteAsync(
        Command.Of(NameOf(cause.CauseId), ReadOnlySpan<byte>.Empty),
        () =>
        {
            foreach (var one in events) RaiseEvent(one);
            return events.Count;
        });

    /// <summary>
    /// Handles a deadline that has passed: at least once, until it has returned, and not again once
    /// <see cref="RecordAsync"/> was called for it. Without an override it does nothing.
    /// </summary>
    /// <param name="name">The name under which it was set.</param>
    /// <param name="context">What it is handled with.</param>
    protected virtual Task OnDeadlineAsync(string name, ProcessContext context) => Task.CompletedTask;

    /// <summary>
    /// Sets a deadline: it is in the store when the call returns, and passes whatever restarts meanwhile, within some
    /// seconds after its time. Set again under the same name, it is moved.
    /// </summary>
    /// <remarks>
    /// Set it before the outcome is recorded, in a method that handles an event: then it is set again where the process
    /// ends between the two. A deadline that is late for the process is still passed: the method looks at the state.
    /// </remarks>
    /// <param name="name">A name of the process's own, 1 to 100 characters.</param>
    /// <param name="due">When, in whole microseconds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    /// <exception cref="StoreUnavailableException">The store of models cannot be written.</exception>
    protected Task SetDeadlineAsync(string name, DateTimeOffset due, CancellationToken cancellationToken = default) =>
        Services.Deadlines.SetAsync(GrainContext.GrainId, name, due, cancellationToken);

    /// <summary>Removes a deadline. Removing one that is not set does nothing.</summary>
    /// <param name="name">The name under which it was set.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store of models cannot be written.</exception>
    protected Task RemoveDeadlineAsync(string name, CancellationToken cancellationToken = default) =>
        Services.Deadlines.RemoveAsync(GrainContext.GrainId, name, cancellationToken);

    private static string NameOf(Guid cause) => $"process-{cause:N}";

    private bool IsRecorded(Guid cause) => ((ICommandHost)this).Commands.Find(NameOf(cause)) is not null;
}
