namespace Granary.Runtime;

/// <summary>A process manager as a reader of the log.</summary>
/// <param name="Name">The reader's name.</param>
/// <param name="Process">The grain's class.</param>
/// <param name="GrainType">Its grain type, which is the category of its own events.</param>
/// <param name="Feeds">What it is fed with beside its own.</param>
internal sealed record ProcessReader(string Name, Type Process, GrainType GrainType, ProcessFeeds Feeds)
{
    /// <summary>
    /// Few enough that little is handled again after one event fails. Not to be lowered: a session takes so many events
    /// for those that the one before it, which may be of an older version, may have handled.
    /// </summary>
    public const int BatchEventsMax = 200;

    private readonly string _own = GrainType.ToString()!;

    /// <summary>The key of the process that an event concerns; null for none.</summary>
    public string? KeyOf(object happened, RecordedEvent recorded)
    {
        if (Feeds.ByCategory.TryGetValue(recorded.Stream.Category, out var key)) return key(happened, recorded);
        return recorded.Stream.Category == _own ? recorded.Stream.Key : null;
    }

    /// <summary>Describes it to the silo.</summary>
    public WorkerDefinition Define(ProcessEvents events, IGrainFactory grains) => new()
    {
        Name = Name,
        Kind = ReaderKind.ProcessManager,
        Filter = new LogFilter
        {
            Categories = new HashSet<string>(Feeds.ByCategory.Keys.Append(_own), StringComparer.Ordinal),
        },

        // What an ended session handled is within one batch after the checkpoint. With one that a power failure takes
        // back it would be more, and the commands of that would not be sent as what may have been sent before.
        Durable = true,
        BatchEventsMax = BatchEventsMax,
        CreateHandler = _ => new ProcessHandler(this, events, grains),
    };
}
