namespace Granary;

/// <summary>
/// A stream whose event a reader could not handle: its events wait, while those of other streams go on.
/// </summary>
[GenerateSerializer, Immutable, Alias("granary.ParkedStream")]
public sealed record ParkedStream
{
    /// <summary>The reader's name.</summary>
    [Id(0)] public required string Reader { get; init; }

    /// <summary>The stream.</summary>
    [Id(1)] public required StreamName Stream { get; init; }

    /// <summary>The position of the event that could not be handled: the first that waits.</summary>
    [Id(2)] public required LogPosition Position { get; init; }

    /// <summary>The event's version in its stream.</summary>
    [Id(3)] public required StreamVersion Version { get; init; }

    /// <summary>The name of the event's type.</summary>
    [Id(4)] public required string EventType { get; init; }

    /// <summary>The error.</summary>
    [Id(5)] public required string Error { get; init; }

    /// <summary>When it was parked, or tried last.</summary>
    [Id(6)] public required DateTimeOffset At { get; init; }

    /// <summary>How often it was tried.</summary>
    [Id(7)] public required int Tries { get; init; }
}
