using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>
/// A <see cref="JournaledGrain{TGrainState,TEventBase}"/> with what it lacks: <c>Apply</c> methods that are looked up
/// and compiled once, idempotent commands, metadata for events, and the states of the past.
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
    /// <summary>How often a command is decided again because another writer was faster, before it fails.</summary>
    private const int DecisionsMax = 100;

    private readonly CommandMemory _commands = new();
    private RunningCommands? _running;
    private ICommandJournal? _journal;

    CommandMemory ICommandHost.Commands => _commands;

    /// <summary>The aggregate's stream.</summary>
    protected StreamName Stream => Journal.Stream;

    /// <summary>The position of the last confirmed event.</summary>
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
    /// stream are kept. One that a process manager sends again is found at any distance, since the stream was cleared.
    /// </summary>
    /// <remarks>
    /// <para>While it decides, <c>State</c> and <c>Version</c> are what the command decides on: with what is raised and
    /// not confirmed yet, by other commands of a reentrant grain too, and without what it raises itself.
    /// <c>TentativeState</c> has that as well. Commands that interleave are decided one after the other and share
    /// appends; where another writer is faster, each is decided again.</para>
    /// <para>A decision that stores nothing, because it raised nothing and has no id, or threw, is checked against the
    /// store before it is answered: where the stream has moved, it is decided again.</para>
    /// <para>A command that raises nothing and has an id is kept as <see cref="EventTypes.CommandAnswered"/>, so that
    /// its answer stays the same.</para>
    /// </remarks>
    /// <typeparam name="TAnswer">The answer; it must be JSON that comes back as it was.</typeparam>
    /// <exception cref="ArgumentException">
    /// The id is empty or too long, or the answer is a task: a decision is synchronous.
    /// </exception>
    /// <exception cref="CommandIdReusedException">The id was used for another command.</exception>
    /// <exception cref="EventsNotConfirmedException">
    /// The store did not take the events within the time for retries.
    /// </exception>
    /// <exception cref="StoreUnavailableException">
    /// The store could not be read, so whether a decision that stores nothing is still valid, or a command that is sent
    /// again was done, is not known.
    /// </exception>
    /// <exception cref="StreamTruncatedException">
    /// A process manager sends a command again, and whether it was done is not known: events since its cause were
    /// removed.
    /// </exception>
    /// <exception cref="WrongExpectedVersionException">Other writers were faster a hundred times in a row.</exception>
    protected Task<TAnswer> ExecuteAsync<TAnswer>(Command command, Func<TAnswer> decide)
    {
        ArgumentNullException.ThrowIfNull(decide);
        if (command.Id is { Length: 0 or > Command.IdLengthMax })
            throw new ArgumentException($"A command's id has 1 to {Command.IdLengthMax} characters.", nameof(command));
        if (DeferredAnswers.IsDeferred(typeof(TAnswer))) throw DeferredAnswers.Refusal(typeof(TAnswer));
        return command.Id is null ? RunAsync(command, decide) : RunOnceAsync(command, decide);
    }

    /// <summary>Refused: a decision is synchronous.</summary>
    /// <remarks>
    /// The constraint leaves every other decision to the overload above, also one that only throws. Of those that fit,
    /// the compiler takes this one because of its priority, and reports why it is refused.
    /// </remarks>
    [Obsolete(DeferredAnswers.Message, error: true), OverloadResolutionPriority(1)]
    protected TTask ExecuteAsync<TTask>(Command command, Func<TTask> decide, object? refused = null)
        where TTask : Task => throw DeferredAnswers.Refusal(typeof(TTask));

    /// <summary>
    /// Reads what other writers, such as another silo, appended to the stream, where its end has moved. It costs one
    /// look at the store; <c>RefreshNow</c> reads the stream in any case. To be awaited before a read that a caller
    /// relies on.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; the grain's state is refreshed all the same.</param>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    protected Task RefreshIfMovedAsync(CancellationToken cancellationToken = default) =>
        Journal.RefreshIfMovedAsync(cancellationToken);

    /// <summary>
    /// The state as it was at a version, folded beside the grain's own. It replays what came after the last snapshot
    /// before it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The stream has no such version.</exception>
    /// <exception cref="ReplayFailedException">An event cannot be decoded or applied.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read now.</exception>
    protected Task<PastState<TState>> ReadStateAsync(StreamVersion version) =>
        ReadStateAsync(version, CancellationToken.None);

    /// <inheritdoc cref="ReadStateAsync(StreamVersion)"/>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    protected async Task<PastState<TState>> ReadStateAsync(
        StreamVersion version, CancellationToken cancellationToken) =>
        Typed(await Journal.ReadStateAsync(version, cancellationToken));

    /// <summary>
    /// The state as it was at an instant, folded beside the grain's own: of all events before the first that was
    /// recorded later; the initial state where there is none. It replays what came after the last snapshot before it.
    /// </summary>
    /// <exception cref="ReplayFailedException">An event cannot be decoded or applied.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read now.</exception>
    protected Task<PastState<TState>> ReadStateAsync(DateTimeOffset instant) =>
        ReadStateAsync(instant, CancellationToken.None);

    /// <inheritdoc cref="ReadStateAsync(DateTimeOffset)"/>
    /// <param name="instant">The instant.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    protected async Task<PastState<TState>> ReadStateAsync(
        DateTimeOffset instant, CancellationToken cancellationToken) =>
        Typed(await Journal.ReadStateAsync(instant, cancellationToken));

    /// <summary>Raises an event with metadata of its own, beside that of the request.</summary>
    /// <exception cref="EventNotApplicableException"><c>Apply</c> threw; the event is not stored.</exception>
    /// <exception cref="EventNotEncodableException">
    /// It would not be read back as it is, or a name of the metadata begins with <c>granary.</c>.
    /// </exception>
    /// <exception cref="LimitExceededException">The event, or what is not confirmed yet, is too large.</exception>
    /// <exception cref="EventsNotConfirmedException">An earlier append has failed.</exception>
    protected void RaiseEvent(TEvent @event, IEnumerable<KeyValuePair<string, string>> metadata) =>
        Journal.Raise(@event, metadata);

    /// <summary>
    /// Applies an event by the state's <c>Apply</c> overload for it. Meanwhile <c>State</c> and <c>TentativeState</c>
    /// are the state that it is applied to.
    /// </summary>
    protected override void TransitionState(TState state, TEvent @event) =>
        ApplyDispatch<TState, TEvent>.Apply(state, @event);

    private static PastState<TState> Typed(PastState<object> past) =>
        new((TState)past.State, past.Version, past.Timestamp);

    // A command that is sent again while it runs waits for the first, and then gets its answer.
    private async Task<TAnswer> RunOnceAsync<TAnswer>(Command command, Func<TAnswer> decide)
    {
        var running = _running ??= new RunningCommands();
        while (running.Find(command.Id!) is { } other) await other;
        running.Begin(command.Id!);
        try
        {
            return await RunAsync(command, decide);
        }
        finally
        {
            running.End(command.Id!);
        }
    }

    private async Task<TAnswer> RunAsync<TAnswer>(Command command, Func<TAnswer> decide)
    {
        var decidedOn = StreamVersion.Zero;
        var (earlier, isSearched) = (default(RememberedCommand), false);
        for (var decisions = 0; decisions < DecisionsMax; decisions++)
        {
            // Meanwhile nobody else runs this command here, and one that runs it elsewhere moves the stream.
            if (!isSearched && IsForgettable(command) && CommandCause.Time is { } causedAt)
            {
                earlier = await Journal.FindCommandAsync(command.Id!, causedAt);
                isSearched = true;
            }

            decidedOn = Journal.Version;
            var decision = Decide(command, decide, earlier);
            if (await decision.IsValid)
            {
                if (decision.Fault is not null) ExceptionDispatchInfo.Throw(decision.Fault);
                return decision.Answer!;
            }

            // What was found may have been cleared since.
            if (earlier is not null) (earlier, isSearched) = (null, false);
        }

        throw new WrongExpectedVersionException(Stream, ExpectedVersion.Exactly(decidedOn), Journal.Version);
    }

    // Whether it may have been done although it is not among those that are kept.
    private bool IsForgettable(Command command) =>
        command.Id is not null && _commands.MayHaveForgotten && _commands.Find(command.Id) is null;

    private Decision<TAnswer> Decide<TAnswer>(
        Command command, Func<TAnswer> decide, RememberedCommand? earlier)
    {
        Journal.BeginCommand();
        try
        {
            if (command.Id is not null && (_commands.Find(command.Id) ?? earlier) is { } done)
            {
                // Another writer may have cleared the stream, and the command with it.
                var answer = AnswerOf<TAnswer>(command, done);
                Journal.AbandonCommand();
                return new(answer, null, Journal.VerifyAsync());
            }

            var decided = decide();
            if (decided is not null && DeferredAnswers.IsDeferred(decided.GetType()))
                throw DeferredAnswers.Refusal(decided.GetType());
            var metadata = command.Id is null
                ? null
                : CommandMemory.Describe(command, JsonSerializer.Serialize(decided, CommandJson.Options));
            return new(decided, null, Journal.CommitCommandAsync(metadata));
        }
        catch (Exception fault)
        {
            Journal.AbandonCommand();
            return new(default, fault, Journal.VerifyAsync());
        }
    }

    private TAnswer AnswerOf<TAnswer>(Command command, RememberedCommand done) =>
        done.Fingerprint == command.Fingerprint
            ? JsonSerializer.Deserialize<TAnswer>(done.Answer, CommandJson.Options)!
            : throw new CommandIdReusedException(Stream, command.Id!);

    private readonly record struct Decision<TAnswer>(TAnswer? Answer, Exception? Fault, Task<bool> IsValid);
}
