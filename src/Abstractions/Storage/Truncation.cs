namespace Granary;

/// <summary>Which events of a stream are removed: those before a version.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Before">The version of the first event that stays; at least 1.</param>
/// <param name="Position">
/// The position of the event of that version. Where that event is not there, the stream was cleared since it was read.
/// </param>
/// <param name="Snapshot">
/// The state at that event, which the store keeps in the place of what it removes; null where the states of the stream
/// need none, or its snapshot is kept already.
/// </param>
public sealed record Truncation(
    StreamName Stream, StreamVersion Before, LogPosition Position, Snapshot? Snapshot = null)
{
    /// <summary>For stores: checks what can be checked without the stream.</summary>
    /// <param name="partitionCount">How many partitions the log has.</param>
    /// <exception cref="ArgumentException">
    /// The version is 0, the position is not in the stream's partition, or the snapshot is of another event.
    /// </exception>
    public void ThrowIfWrong(int partitionCount)
    {
        if (Before == StreamVersion.Zero)
            throw new ArgumentException("A stream is truncated before version 1 at least.");
        if (LogPartition.Of(Stream, partitionCount) != Position.Partition)
            throw new ArgumentException($"Stream {Stream} does not belong to partition {Position.Partition}.");
        if (Snapshot is { } kept
            && (kept.Stream != Stream || kept.Version != Before || kept.Position != Position))
            throw new ArgumentException(
                $"The snapshot is of version {kept.Version} of {kept.Stream}, and not of {Before} of {Stream}.");
    }
}
