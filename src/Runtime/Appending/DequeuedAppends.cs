namespace Granary.Runtime;

/// <summary>
/// The appends that a writer has dequeued, each to be answered once: what was answered is let go at once, for its
/// caller may use it for another append already.
/// </summary>
internal sealed class DequeuedAppends
{
    private readonly List<PendingAppend?> _taken = [];

    public int Count => _taken.Count;

    public int Events { get; private set; }

    public void Add(PendingAppend pending)
    {
        _taken.Add(pending);
        Events += pending.Append.Events.Count;
    }

    public void Clear()
    {
        _taken.Clear();
        Events = 0;
    }

    public Append AppendAt(int at) => _taken[at]!.Append;

    /// <summary>Lets go of one that is about to be answered; null where that has been done.</summary>
    public PendingAppend? Release(int at)
    {
        var pending = _taken[at];
        _taken[at] = null;
        return pending;
    }
}
