using System.Runtime.CompilerServices;

namespace Granary.Client;

/// <summary>
/// Follows partitions of the log: what they hold, and then what is added, in the order of each partition. For one
/// enumeration. At most one page is in memory.
/// </summary>
/// <remarks>
/// It reads pages and nothing else, so there is no seam between what was stored before and what is added. Whatever it
/// is woken for it reads from where it is; a partition for which no wake-up comes is read again after
/// <see cref="LookAgainAfter"/>.
/// </remarks>
internal sealed class LogFollower
{
    /// <summary>After so long without a wake-up a partition is read all the same.</summary>
    public static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(2);

    // While a partition catches up, the others are read as often as this.
    private static readonly TimeSpan LookMeanwhileAfter = TimeSpan.FromMilliseconds(50);

    private readonly ILogSource _source;
    private readonly LogFilter _filter;
    private readonly TimeProvider _time;
    private readonly LogPartition[] _partitions;
    private readonly long[] _read;
    private readonly bool[] _isDue;
    private readonly long[] _lookedAt;
    private readonly PassingFaults _faults;
    private readonly PageLimit _limit = new();
    private int _idleWakes;

    public LogFollower(ILogSource source, LogPositions start, LogFilter filter, TimeProvider time)
    {
        (_source, _filter, _time, _faults) = (source, filter, time, new PassingFaults(time));
        _partitions = [.. start.Items.Select(static one => one.Partition)];
        _read = [.. start.Items.Select(static one => one.Position.Value)];
        _isDue = new bool[_read.Length];
        _lookedAt = new long[_read.Length];
        Array.Fill(_isDue, true);
    }

    /// <summary>
    /// How far each partition was read: every event up to there that the filter takes was given out, and the one after
    /// it was asked for. May be read by another thread meanwhile.
    /// </summary>
    public LogPositions Positions => new(Snapshot());

    /// <summary>
    /// The events, those of one partition in their order. Between partitions there is none; each gets its turn, a page
    /// at a time. It ends by an error or when it is cancelled.
    /// </summary>
    /// <exception cref="LogReplacedException">The log ends before what was read.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read, for about 30 seconds.</exception>
    public async IAsyncEnumerable<RecordedEvent> FollowAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var (isMore, isFurther) = (false, false);
            for (var at = 0; at < _partitions.Length; at++)
            {
                if (!_isDue[at]) continue;
                var from = _read[at];
                var page = await ReadAsync(at, cancellationToken);
                foreach (var recorded in page.Events)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return recorded;
                    Volatile.Write(ref _read[at], recorded.Position.Position.Value);
                }

                Volatile.Write(ref _read[at], page.Through.Value);
                _limit.Adapt(page);
                _isDue[at] = page.More;
                isMore |= page.More;
                isFurther |= page.Through.Value > from;
            }

            if (isMore) MarkDue(LookMeanwhileAfter);
            else await WaitAsync(isFurther, cancellationToken);
        }
    }

    private async ValueTask<LogPage> ReadAsync(int at, CancellationToken cancellationToken)
    {
        var after = new LogPosition(_partitions[at], new(_read[at]));
        var page = await _faults.RunAsync(
            () => _source.ReadPageAsync(after, _filter, _limit.Events, cancellationToken), cancellationToken);
        LogSourceExtensions.ThrowIfReplaced(after, page.End);
        _lookedAt[at] = _time.GetTimestamp();
        return page;
    }

    private async ValueTask WaitAsync(bool isFurther, CancellationToken cancellationToken)
    {
        // A tail that wakes without cause must not make this read without pause.
        _idleWakes = isFurther ? 0 : _idleWakes + 1;
        if (_idleWakes > 1) await Task.Delay(PassingFaults.DelayOf(_idleWakes - 1), _time, cancellationToken);
        try
        {
            var grown = await _source.WaitForMoreAsync(Snapshot(), LookAgainAfter, cancellationToken);
            if (grown.Count == 0)
            {
                Array.Fill(_isDue, true);
                _idleWakes = 0;
                return;
            }

            foreach (var partition in grown)
            {
                if (Array.IndexOf(_partitions, partition) is var at and >= 0) _isDue[at] = true;
            }

            MarkDue(LookAgainAfter);
        }
        catch (Exception fault) when (PassingFaults.IsPassing(fault))
        {
            // The wait was a hint: reading shows whether the log itself can be reached, and fails where it cannot.
            await Task.Delay(PassingFaults.DelayOf(_idleWakes), _time, cancellationToken);
            Array.Fill(_isDue, true);
        }
    }

    private void MarkDue(TimeSpan notLookedAtFor)
    {
        for (var at = 0; at < _isDue.Length; at++)
            _isDue[at] |= _time.GetElapsedTime(_lookedAt[at]) >= notLookedAtFor;
    }

    private LogPosition[] Snapshot()
    {
        var positions = new LogPosition[_read.Length];
        for (var at = 0; at < positions.Length; at++)
            positions[at] = new(_partitions[at], new(Volatile.Read(ref _read[at])));
        return positions;
    }
}
