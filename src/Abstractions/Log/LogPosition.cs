namespace Granary;

/// <summary>
/// A partition of the log and a position in it. Two of them in different partitions have no order.
/// </summary>
/// <param name="Partition">The partition of the log.</param>
/// <param name="Position">The position in that partition.</param>
[GenerateSerializer, Immutable, Alias("granary.LogPosition")]
public readonly record struct LogPosition(
    [property: Id(0)] LogPartition Partition,
    [property: Id(1)] GlobalPosition Position)
{
    /// <summary>The start of a partition.</summary>
    public static LogPosition StartOf(LogPartition partition) => new(partition, GlobalPosition.Zero);

    /// <inheritdoc />
    public override string ToString() => $"{Partition}:{Position}";
}
