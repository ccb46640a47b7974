namespace Granary.Client;

/// <summary>The log of a store in this process.</summary>
/// <param name="store">The store.</param>
/// <param name="tail">Its tail; without one, growth is found by looking at the log from time to time.</param>
/// <param name="time">The clock.</param>
internal sealed class StoreLogSource(IEventStore store, ILogTail? tail, TimeProvider time) : ILogSource
{
    public ValueTask<int> GetPartitionCountAsync(CancellationToken cancellationToken) => new(store.PartitionCount);

    public ValueTask<LogPage> ReadPageAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken) =>
        store.ReadLogAsync(after, filter, limit, cancellationToken);

    public async ValueTask<IReadOnlyList<LogPartition>> WaitForMoreAsync(
        IReadOnlyList<LogPosition> after, TimeSpan max, CancellationToken cancellationToken)
    {
        if (tail is not null) return await tail.WaitAnyAsync(after, max, time, cancellationToken);
        await Task.Delay(max, time, cancellationToken);
        return [];
    }
}
