namespace Granary.Storage.AzureStorage;

/// <summary>
/// Looks at the ends of partitions for what other processes appended. A partition in which nothing is found is looked
/// at less often: a request costs.
/// </summary>
internal sealed class TailLook(AzureAccount account, int partitionCount)
{
    private const int LooksBetweenMax = 15;

    private readonly Waiting[] _partitions = [.. Enumerable.Range(0, partitionCount).Select(static _ => new Waiting())];

    /// <summary>The ends of the partitions that are due.</summary>
    public async Task<IReadOnlyList<LogPosition>> ReadEndsAsync()
    {
        var due = Enumerable.Range(0, partitionCount).Where(at => _partitions[at].IsDue());
        return await Task.WhenAll(due.Select(ReadEndAsync)).ConfigureAwait(false);
    }

    /// <summary>Somebody begins to wait for a partition: it is looked at next time.</summary>
    public void OnActive(LogPartition partition) => _partitions[partition.Value].Reset();

    private async Task<LogPosition> ReadEndAsync(int at)
    {
        var tail = await account.ReadTailAsync(new(at), CancellationToken.None).ConfigureAwait(false);
        _partitions[at].OnRead(tail.End);
        return new LogPosition(new(at), new(tail.End));
    }

    private sealed class Waiting
    {
        private readonly Lock _lock = new();
        private long _end = -1;
        private int _left;
        private int _between;

        public bool IsDue()
        {
            lock (_lock) return --_left < 0;
        }

        public void OnRead(long end)
        {
            lock (_lock)
            {
                _between = end != _end ? 0 : Math.Min(2 * _between + 1, LooksBetweenMax);
                (_end, _left) = (end, _between);
            }
        }

        public void Reset()
        {
            lock (_lock) (_left, _between) = (0, 0);
        }
    }
}
