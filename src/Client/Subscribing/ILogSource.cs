namespace Granary.Client;

/// <summary>Where a subscription reads: the store of this process, or the cluster.</summary>
internal interface ILogSource
{
    ValueTask<int> GetPartitionCountAsync(CancellationToken cancellationToken);

    /// <summary>A page, as <see cref="IEventStore.ReadLogAsync"/> reads it.</summary>
    ValueTask<LogPage> ReadPageAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Waits until one of several partitions may have grown, for so long at most; returns which, or none.
    /// </summary>
    ValueTask<IReadOnlyList<LogPartition>> WaitForMoreAsync(
        IReadOnlyList<LogPosition> after, TimeSpan max, CancellationToken cancellationToken);
}
