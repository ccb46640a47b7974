namespace Granary.Runtime;

/// <summary>
/// A grain that remembers its commands: it is told of every confirmed event, so that it can after a restart.
/// </summary>
internal interface ICommandHost
{
    /// <summary>The commands remembered.</summary>
    CommandMemory Commands { get; }

    /// <summary>Hands the grain its journal, before anything is loaded.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="eventTypes">All event types that there are for it.</param>
    /// <exception cref="InvalidOperationException">The state has no Apply method for one of them.</exception>
    void Attach(ICommandJournal journal, IReadOnlyCollection<Type> eventTypes);
}

/// <summary>
/// What <see cref="AggregateGrain{TState,TEvent}"/> asks of its journal beyond what Orleans' interface has.
/// </summary>
internal interface ICommandJournal : IJournal
{
    /// <summary>Whether everything raised is confirmed.</summary>
    bool IsIdle { get; }

    /// <summary>Raises an event of the grain's event type with metadata of its own.</summary>
    void Raise(object @event, IEnumerable<KeyValuePair<string, string>> metadata);

    /// <summary>Begins to gather what is raised, instead of sending it.</summary>
    void BeginCommand();

    /// <summary>
    /// Sends what was gathered as one conditional append that carries the command's metadata; an empty command is kept
    /// as a marker. False where another writer was faster: the state is refreshed and nothing of it landed.
    /// </summary>
    Task<bool> CommitCommandAsync(EventMetadata? command);

    /// <summary>Drops what was gathered.</summary>
    void AbandonCommand();
}
