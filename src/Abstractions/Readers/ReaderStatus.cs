namespace Granary;

/// <summary>How a reader of the log stands in one partition.</summary>
[GenerateSerializer, Immutable, Alias("granary.ReaderStatus")]
public sealed record ReaderStatus
{
    /// <summary>The reader's name.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>What it does with the events.</summary>
    [Id(1)] public required ReaderKind Kind { get; init; }

    /// <summary>The position through which it has done its work, and the partition.</summary>
    [Id(2)] public required LogPosition Position { get; init; }

    /// <summary>The position of the partition's last event.</summary>
    [Id(3)] public required GlobalPosition End { get; init; }

    /// <summary>What it is doing.</summary>
    [Id(4)] public required ReaderState State { get; init; }

    /// <summary>How many events of the partition it has not passed.</summary>
    public long Lag => Math.Max(0, End.Value - Position.Position.Value);

    /// <summary>
    /// How long ago the first event that it has not passed was recorded; zero where it has passed all.
    /// </summary>
    [Id(5)] public TimeSpan LagTime { get; init; }

    /// <summary>How many events of the partition it passed in a second, over the last minute.</summary>
    [Id(6)] public double Rate { get; init; }

    /// <summary>The last error; null where there was none since it was resumed.</summary>
    [Id(7)] public string? LastError { get; init; }

    /// <summary>When the last error occurred.</summary>
    [Id(8)] public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>How many streams are parked.</summary>
    [Id(9)] public int ParkedStreams { get; init; }

    /// <summary>The silo that does the work; null where none does.</summary>
    [Id(10)] public string? Silo { get; init; }
}
