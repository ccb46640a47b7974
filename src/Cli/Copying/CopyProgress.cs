namespace Granary.Cli;

/// <summary>How far a copy has come. Members may be called from many threads at once.</summary>
/// <param name="time">The clock.</param>
/// <param name="partitions">How many partitions the source has.</param>
internal sealed class CopyProgress(TimeProvider time, int partitions)
{
    private readonly Lock _lock = new();
    private readonly long[] _through = new long[partitions];
    private readonly long _begin = time.GetTimestamp();
    private long _written;
    private long _later;
    private long _total;

    /// <summary>How many events the source has, as it was counted last.</summary>
    public long Total
    {
        get
        {
            lock (_lock) return Math.Max(_total, _through.Sum());
        }

        set
        {
            lock (_lock) _total = value;
        }
    }

    /// <summary>How many of them the target has.</summary>
    public long Copied
    {
        get
        {
            lock (_lock) return _through.Sum();
        }
    }

    /// <summary>How many of these were written by this process.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>How many events have a later time in the target than in the source.</summary>
    public long Later => Interlocked.Read(ref _later);

    /// <summary>How long it runs.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_begin);

    /// <summary>How many events are written in a second.</summary>
    public double Rate => Elapsed > TimeSpan.Zero ? Written / Elapsed.TotalSeconds : 0;

    /// <summary>How long it takes to the end at this rate; null where that is not known.</summary>
    public TimeSpan? Left
    {
        get
        {
            var seconds = Rate > 0 ? (Total - Copied) / Rate : double.PositiveInfinity;
            return seconds < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(seconds) : null;
        }
    }

    /// <summary>Notes how far a partition of the source was copied before.</summary>
    public void SetCopied(int partition, long position)
    {
        lock (_lock) _through[partition] = position;
    }

    /// <summary>Notes a round that was written.</summary>
    public void Add(CopyRound round)
    {
        Interlocked.Add(ref _written, round.Events);
        lock (_lock)
        {
            foreach (var through in round.Through) _through[through.Partition.Value] = through.Position.Value;
        }
    }

    /// <summary>Notes events that have a later time in the target.</summary>
    public void AddLater(int events) => Interlocked.Add(ref _later, events);
}
