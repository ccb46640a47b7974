using System.Text.Json;
using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>
/// A <see cref="JournaledGrain{TGrainState,TEventBase}"/> with what it lacks: <c>Apply</c> methods that are looked up
/// and compiled once, idempotent commands, and metadata for events.
/// </summary>
/// <remarks>
/// Every event type with the base <typeparamref name="TEvent"/> must have an <c>Apply</c> method on the state, its own
/// or one for a base type; one that has none fails the activation and is named. So give each aggregate's events a base
/// of their own. Where the base is <see cref="object"/>, or <c>TransitionState</c> is overridden, nothing is checked.
/// </remarks>
/// <typeparam name="TState">The state; it has an <c>Apply</c> method for every event type.</typeparam>
/// <typeparam name="TEvent">The base type of the events.</typeparam>
public abstract class AggregateGrain<TState, TEvent> : JournaledGrain<TState, TEvent>, ICommandHost
    where TState : class, new()
    where TEvent : class
{
    /// <summary>How often a command is decided anew because another writer was faster, before it is given up.</summary>
    private const int DecisionsMax = 100;

    private readonly CommandMemory _commands = new();
    private ICommandJournal? _journal;

    CommandMemory ICommandHost.Commands => _commands;

    /// <summary>The aggregate's stream.</summary>
    protected StreamName Stream => Journal.Stream;

    /// <summary>Where the last confirmed event stands in the log.</summary>
    protected LogPosition Position => Journal.Position;

    private ICommandJournal Journal => _journal ?? throw new InvalidOperationException(
        $"{GetType()} does not run on Granary: register it with AddGranary, "
        + "and name no other log-consistency provider.");

    void ICommandHost.Attach(ICommandJournal journal, IReadOnlyCollection<Type> eventTypes)
    {
        if (PlainGrains.IsPlain(GetType())) ApplyDispatch<TState, TEvent>.Validate(eventTypes);
        _journal = journal;
    }

    /// <summary>
    /// Runs a command: <paramref name="decide"/> looks at <c>State</c> and raises events, at most one append's worth.
    /// What it raised is confirmed together with the command's id and its answer before the task completes. Where
    /// another writer was faster, the state is refreshed and <paramref name="decide"/> runs again. A command that was
    /// done before, also before a restart, is not run again and gets its first answer; the last 1,000 commands of a
    /// stream are remembered.
    /// </summary>
    /// <remarks>
    /// A command that raises nothing and has an id is kept as <see cref="EventTypes.CommandAnswered"/>, so that its
    /// answer stays the same; without an id nothing is stored.
    /// </remarks>
    /// <typeparam name="TAnswer">The answer; it must be JSON that comes back as it was.</typeparam>
    /// <exception cref="ArgumentException">The id is empty or too long.</exception>
    /// <exception cref="CommandIdReusedException">The id was used for another command.</exception>
    /// <exception cref="EventsNotConfirmedException">
    /// The store did not take the events within the retry budget.
    /// </exception>
    /// <exception cref="WrongExpectedVersionException">Other writers were faster a hundred times in a row.</exception>
    protected async Task<TAnswer> ExecuteAsync<TAnswer>(Command command, Func<TAnswer> decide)
    {
        if (command.Id is { Length: 0 or > Command.IdLengthMax })
            throw new ArgumentException($"A command's id has 1 to {Command.IdLengthMax} characters.", nameof(command));

        for (var decisions = 0; decisions < DecisionsMax; decisions++)
        {
            // What was raised outside of commands goes first, so that the decision is made on the confirmed state.
            if (!Journal.IsIdle) await ConfirmEvents();
            if (!Journal.IsIdle) continue;
            if (Remembered<TAnswer>(command) is { } remembered) return remembered.Answer;
            var (answer, committed) = Decide(command, decide);
            if (await committed) return answer;
        }

        throw new WrongExpectedVersionException(Stream, ExpectedVersion.Exactly(Journal.Version), Journal.Version);
    }

    /// <summary>Raises an event with metadata of its own, beside what the request says.</summary>
    protected void RaiseEvent(TEvent @event, IEnumerable<KeyValuePair<string, string>> metadata) =>
        Journal.Raise(@event, metadata);

    /// <summary>Applies an event by the state's <c>Apply</c> overload for it.</summary>
    protected override void TransitionState(TState state, TEvent @event) =>
        ApplyDispatch<TState, TEvent>.Apply(state, @event);

    private (TAnswer Answer, Task<bool> Committed) Decide<TAnswer>(Command command, Func<TAnswer> decide)
    {
        Journal.BeginCommand();
        try
        {
            var answer = decide();
            var metadata = command.Id is null
                ? null
                : CommandMemory.Describe(command, JsonSerializer.Serialize(answer, CommandJson.Options));
            return (answer, Journal.CommitCommandAsync(metadata));
        }
        catch
        {
            Journal.AbandonCommand();
            throw;
        }
    }

    private Done<TAnswer>? Remembered<TAnswer>(Command command)
    {
        if (command.Id is null || _commands.Find(command.Id) is not { } done) return null;
        if (done.Fingerprint != command.Fingerprint) throw new CommandIdReusedException(Stream, command.Id);
        return new Done<TAnswer>(JsonSerializer.Deserialize<TAnswer>(done.Answer, CommandJson.Options)!);
    }

    private sealed record Done<TAnswer>(TAnswer Answer);
}
