namespace Granary.Runtime;

/// <summary>
/// The appends that a writer has dequeued, each to be answered once: an answered one is released at once, because its
/// caller may use it for another append already.
/// </summary>
internal sealed class DequeuedAppends
{
    private readonly List<PendingAppend?> _appends = [];

    public int Count => _appends.Count;

    public int Events { get; private set; }

    public void Add(PendingAppend pending)
    {
        _appends.Add(pending);
        Events += pending.Append.Events.Count;
    }

    public void Clear()
    {
        _appends.Clear();
        Events = 0;
    }

    public Append AppendAt(int at) => _appends[at]!.Append;

    public long EpochAt(int at) => _appends[at]?.Epoch ?? 0;

    /// <summary>The latest epoch of those of a range that other silos have sent; 0 where none did.</summary>
    public long LatestEpoch(int from, int count)
    {
        var latest = 0L;
        for (var at = from; at < from + count; at++) latest = Math.Max(latest, EpochAt(at));
        return latest;
    }

    /// <summary>
    /// Moves those of a range that are not released to its front, in their order, and returns how many there are.
    /// </summary>
    public int MoveOpenToFront(int from, int count)
    {
        var open = from;
        for (var at = from; at < from + count; at++)
        {
            if (_appends[at] is { } pending) (_appends[at], _appends[open++]) = (null, pending);
        }

        return open - from;
    }

    /// <summary>Releases one that is about to be answered; null where it was released before.</summary>
    public PendingAppend? Release(int at)
    {
        var pending = _appends[at];
        _appends[at] = null;
        return pending;
    }
}
