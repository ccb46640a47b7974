namespace Granary.Client;

/// <summary>
/// Where a subscription to the log begins, and which partitions it is of: the beginning or the end of all of them or of
/// one, or after positions.
/// </summary>
public sealed record LogStart
{
    private LogStart()
    {
    }

    /// <summary>Before the first event of every partition.</summary>
    public static LogStart Beginning { get; } = new();

    /// <summary>After the events that every partition holds when the subscription begins.</summary>
    public static LogStart End { get; } = new() { IsEnd = true };

    /// <summary>Whether it is the end.</summary>
    public bool IsEnd { get; private init; }

    /// <summary>The partition, where it is the beginning or the end of one alone; else null.</summary>
    public LogPartition? Partition { get; private init; }

    /// <summary>The positions after which it begins; else null.</summary>
    public LogPositions? Positions { get; private init; }

    /// <summary>Before the first event of one partition; the others are not read.</summary>
    public static LogStart BeginningOf(LogPartition partition) => new() { Partition = partition };

    /// <summary>After the last event of one partition; the others are not read.</summary>
    public static LogStart EndOf(LogPartition partition) => new() { IsEnd = true, Partition = partition };

    /// <summary>After positions that were read before; partitions that they do not name are not read.</summary>
    public static LogStart After(LogPositions positions)
    {
        ArgumentNullException.ThrowIfNull(positions);
        return new() { Positions = positions };
    }

    /// <inheritdoc />
    public override string ToString() => Positions is { } positions ? $"after {positions}"
        : (IsEnd ? "the end of " : "the beginning of ")
            + (Partition is { } one ? $"partition {one}" : "all partitions");
}
