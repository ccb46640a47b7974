namespace Granary.Storage.AzureStorage;

/// <summary>
/// Looks at the ends of the partitions that somebody waits for, for what other processes appended. A partition in which
/// nothing is found is looked at less often, whoever begins to wait for it: a request costs.
/// </summary>
/// <param name="account">The account.</param>
/// <param name="partitionCount">How many partitions the log has.</param>
/// <param name="interval">How often <see cref="ReadEndsAsync"/> is called.</param>
internal sealed class TailLook(AzureAccount account, int partitionCount, TimeSpan interval)
{
    private const int LooksBetweenMax = 15;

    // A long interval is not multiplied beyond that.
    private static readonly TimeSpan TimeBetweenMax = TimeSpan.FromSeconds(5);

    private readonly Waiting[] _partitions =
        [.. Enumerable.Range(0, partitionCount).Select(_ => new Waiting(BetweenMax(interval)))];

    /// <summary>The ends of the partitions that are due.</summary>
    public async Task<IReadOnlyList<LogPosition>> ReadEndsAsync()
    {
        var due = Enumerable.Range(0, partitionCount).Where(at => _partitions[at].IsDue());
        return await Task.WhenAll(due.Select(ReadEndAsync)).ConfigureAwait(false);
    }

    /// <summary>Somebody begins to wait for a partition.</summary>
    public void Begin(LogPartition partition) => _partitions[partition.Value].Begin();

    /// <summary>Somebody waits no longer.</summary>
    public void End(LogPartition partition) => _partitions[partition.Value].End();

    /// <summary>This process has appended: where it does, others may do so soon.</summary>
    public void OnAppended(LogPosition end) => _partitions[end.Partition.Value].OnAppended(end.Position.Value);

    private static int BetweenMax(TimeSpan interval) =>
        (int)Math.Clamp(TimeBetweenMax / interval - 1, 0, LooksBetweenMax);

    private async Task<LogPosition> ReadEndAsync(int at)
    {
        var tail = await account.ReadTailAsync(new(at), CancellationToken.None).ConfigureAwait(false);
        _partitions[at].OnRead(tail.End);
        return new LogPosition(new(at), new(tail.End));
    }

    private sealed class Waiting(int betweenMax)
    {
        private readonly Lock _lock = new();
        private long _end = -1;
        private int _waiting;
        private int _left;
        private int _between;

        public void Begin()
        {
            lock (_lock) _waiting++;
        }

        public void End()
        {
            lock (_lock) _waiting--;
        }

        public bool IsDue()
        {
            lock (_lock) return _waiting > 0 && --_left < 0;
        }

        public void OnRead(long end)
        {
            lock (_lock)
            {
                _between = end > _end ? 0 : Math.Min(2 * _between + 1, betweenMax);
                (_end, _left) = (Math.Max(end, _end), _between);
            }
        }

        public void OnAppended(long end)
        {
            lock (_lock)
            {
                if (end > _end) (_end, _left, _between) = (end, 0, 0);
            }
        }
    }
}
