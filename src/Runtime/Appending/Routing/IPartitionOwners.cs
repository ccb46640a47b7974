namespace Granary.Runtime;

/// <summary>Which silo owns each partition, as this silo sees the cluster.</summary>
internal interface IPartitionOwners
{
    /// <summary>The other silo that owns a partition; null where this one does, or none is known.</summary>
    SiloAddress? FindOther(LogPartition partition);

    /// <summary>Sends a batch to a silo, to be committed there.</summary>
    Task<RoutedAnswer> SendAsync(SiloAddress owner, RoutedBatch batch);
}
