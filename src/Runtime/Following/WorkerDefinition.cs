namespace Granary.Runtime;

/// <summary>A reader of the log: a worker in each partition runs its handler.</summary>
internal sealed record WorkerDefinition
{
    /// <summary>
    /// Its name, also that of its checkpoints; at most <see cref="GranaryLimits.CheckpointNameLengthMax"/>.
    /// </summary>
    public required string Name { get; init; }

    public required ReaderKind Kind { get; init; }

    /// <summary>Tells it from an earlier reader of its name; empty where its code does.</summary>
    public Guid Id { get; init; }

    /// <summary>Makes the handler of a session; null where consumers outside the silos handle the events.</summary>
    public Func<LogPartition, ILogHandler>? CreateHandler { get; init; }

    /// <summary>How events are handed out to consumers outside the silos; null where a handler handles them.</summary>
    public SubscriptionSettings? Deliveries { get; init; }

    /// <summary>Which events it is handed.</summary>
    public LogFilter Filter { get; init; } = LogFilter.All;

    /// <summary>The tables that its handler writes; created before the first batch.</summary>
    public IReadOnlyList<ModelTable> Tables { get; init; } = [];

    /// <summary>Called at the start of each session, before the checkpoint is taken over; null for nothing.</summary>
    public Func<LogPartition, CancellationToken, ValueTask>? PrepareAsync { get; init; }

    /// <summary>Called at the start of each session, once the checkpoint is taken over; null for nothing.</summary>
    public Func<CancellationToken, ValueTask>? TakenOverAsync { get; init; }

    /// <summary>Whether a reader without a checkpoint begins at the end of the log, not at its start.</summary>
    public bool StartsAtEnd { get; init; }

    /// <summary>
    /// Whether its commits survive a power failure: needed where what it does is not derived from the log alone.
    /// </summary>
    public bool Durable { get; init; }

    /// <summary>How many events it is handed at once. More than a page has are several pages.</summary>
    public int BatchEventsMax { get; init; } = GranaryLimits.PageSizeMax;

    /// <summary>
    /// Whether it waits a little after a batch of many events at the end of the log, so that the next one has many too:
    /// for handlers that fold the events of a batch, and write the less the more it has.
    /// </summary>
    public bool Gathers { get; init; }

    /// <summary>How often an event is tried before its stream is parked.</summary>
    public int TriesMax { get; init; } = 5;

    /// <summary>How long the worker waits after the first failed try; doubled after each, up to 30 seconds.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);
}
