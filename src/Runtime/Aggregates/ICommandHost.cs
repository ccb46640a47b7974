namespace Granary.Runtime;

/// <summary>
/// A grain that keeps its last commands: it is notified of every confirmed event, also while a stream is replayed.
/// </summary>
internal interface ICommandHost
{
    /// <summary>The commands kept.</summary>
    CommandMemory Commands { get; }

    /// <summary>Gives the grain its journal, before anything is loaded.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="eventTypes">All event types that there are for it.</param>
    /// <exception cref="InvalidOperationException">The state has no Apply method for one of them.</exception>
    void Attach(ICommandJournal journal, IReadOnlyCollection<Type> eventTypes);
}

/// <summary>
/// What <see cref="AggregateGrain{TState,TEvent}"/> needs of its journal beyond Orleans' interface.
/// </summary>
internal interface ICommandJournal : IJournal
{
    /// <summary>Raises an event of the grain's event type with metadata of its own.</summary>
    void Raise(object @event, IEnumerable<KeyValuePair<string, string>> metadata);

    /// <summary>
    /// Begins to collect what is raised, instead of sending it. Until the command ends, the journal's confirmed view
    /// and version are what the command decides on: with what is pending.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another command is deciding.</exception>
    void BeginCommand();

    /// <summary>
    /// Ends the command and sends what it raised as one conditional submission that carries the command's metadata;
    /// an empty command with metadata is kept as a marker, and one without is verified as by <see cref="VerifyAsync"/>.
    /// False where another writer was faster: the state is refreshed and nothing of it landed.
    /// </summary>
    Task<bool> CommitCommandAsync(EventMetadata? command);

    /// <summary>Ends the command and drops what it raised.</summary>
    void AbandonCommand();

    /// <summary>
    /// Whether a decision that was just made and stores nothing is still valid: what was pending has landed, and the
    /// store's head has not moved. Where it is false, the state is refreshed.
    /// </summary>
    Task<bool> VerifyAsync();

    /// <summary>
    /// The command with an id that was done after a time, looked for in the stream's events; null where there is none.
    /// </summary>
    /// <exception cref="StreamTruncatedException">It may be among the events that were removed.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read now.</exception>
    ValueTask<RememberedCommand?> FindCommandAsync(string id, DateTimeOffset causedAt) =>
        ValueTask.FromResult<RememberedCommand?>(null);

    /// <summary>Reads what other writers appended, where the store's head has moved.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task RefreshIfMovedAsync(CancellationToken cancellationToken);

    /// <summary>The state as it was at a version.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The stream has no such version.</exception>
    Task<PastState<object>> ReadStateAsync(StreamVersion version, CancellationToken cancellationToken);

    /// <summary>The state as it was at an instant.</summary>
    Task<PastState<object>> ReadStateAsync(DateTimeOffset instant, CancellationToken cancellationToken);
}
