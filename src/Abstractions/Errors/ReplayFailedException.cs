namespace Granary;

/// <summary>
/// A stored event could not be decoded or applied, so the state cannot be known. It is never skipped: register its type
/// or an upcaster, or fix Apply.
/// </summary>
[GenerateSerializer, Alias("granary.ReplayFailedException")]
public sealed class ReplayFailedException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="recorded">The event.</param>
    /// <param name="reason">What failed.</param>
    /// <param name="inner">Its cause.</param>
    public ReplayFailedException(RecordedEvent recorded, string reason, Exception? inner = null)
        : base($"Event {recorded.Type} (schema {recorded.SchemaVersion}) of stream {recorded.Stream}, version "
            + $"{recorded.Version}, position {recorded.Position}, cannot be replayed: {reason} "
            + "Register its type or an upcaster for it, or fix Apply; it is never skipped.", inner)
    {
        Stream = recorded.Stream;
        Version = recorded.Version;
        Position = recorded.Position;
        EventType = recorded.Type;
        SchemaVersion = recorded.SchemaVersion;
    }

    /// <summary>The stream.</summary>
    [Id(0)] public StreamName Stream { get; }

    /// <summary>The version of the event.</summary>
    [Id(1)] public StreamVersion Version { get; }

    /// <summary>The position of the event.</summary>
    [Id(2)] public LogPosition Position { get; }

    /// <summary>The name of the event type as stored.</summary>
    [Id(3)] public string EventType { get; }

    /// <summary>The schema version as stored.</summary>
    [Id(4)] public int SchemaVersion { get; }
}
