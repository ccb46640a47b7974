namespace Granary;

/// <summary>
/// A batch belongs to an earlier epoch of its partition than the current one: the silo that sent it has committed it by
/// another way, or is about to. Nothing of it was written.
/// </summary>
[GenerateSerializer, Alias("granary.StaleEpochException")]
public sealed class StaleEpochException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="epoch">The epoch of the batch.</param>
    /// <param name="current">The epoch of the partition.</param>
    public StaleEpochException(LogPartition partition, long epoch, long current)
        : base($"A batch belongs to epoch {epoch} of partition {partition}, which is in epoch {current}. Nothing of "
            + "the batch was written. Send it again in that epoch.") =>
        (Partition, Epoch, Current) = (partition, epoch, current);

    /// <summary>The partition.</summary>
    [Id(0)] public LogPartition Partition { get; }

    /// <summary>The epoch of the batch.</summary>
    [Id(1)] public long Epoch { get; }

    /// <summary>The epoch of the partition.</summary>
    [Id(2)] public long Current { get; }
}
