namespace Granary;

/// <summary>What is known in memory of a stream, and up to which position of the log.</summary>
/// <param name="Through">The last position that is accounted for.</param>
/// <param name="Head">The stream's last event, if it has one that is not flushed.</param>
internal readonly record struct UnflushedView(long Through, EventAddress? Head);

/// <summary>
/// The part of a partition's index that the store does not have yet. It is flushed in slices while a new part collects,
/// and then dropped. It has a lock of its own: the writer adds, readers look up.
/// </summary>
internal sealed class UnflushedIndex
{
    private readonly Lock _lock = new();
    private IndexDelta _recent = new(-1);
    private IndexDelta _flushing = new(-1);
    private long _through = -1;

    /// <summary>The last position that is accounted for; -1 before anything was read.</summary>
    public long Through
    {
        get
        {
            lock (_lock) return _through;
        }
    }

    /// <summary>How many events came since the last flush began.</summary>
    public long Count
    {
        get
        {
            lock (_lock) return Math.Max(0, _through - _recent.After);
        }
    }

    /// <summary>
    /// The position that the store's index is complete to, as far as this process has flushed it. Where it is another
    /// one after the store was read, what was read may lack what is not in memory any more.
    /// </summary>
    public long Flushed
    {
        get
        {
            lock (_lock) return _flushing.IsEmpty ? _recent.After : _flushing.After;
        }
    }

    /// <summary>Whether a flush has begun that is not complete.</summary>
    public bool HasFlushBegun
    {
        get
        {
            lock (_lock) return !_flushing.IsEmpty;
        }
    }

    /// <summary>Starts empty, with a store whose index is complete up to a position.</summary>
    public void StartAt(long position)
    {
        lock (_lock)
        {
            _recent = new IndexDelta(position);
            _flushing = new IndexDelta(position);
            _through = position;
        }
    }

    /// <summary>Drops all, where the store's index is complete up to a position after it.</summary>
    public void SkipTo(long position)
    {
        lock (_lock)
        {
            if (position > _through) StartAt(position);
        }
    }

    /// <summary>
    /// Adds the log's next event. One that is known, or that comes after a gap, is ignored: writer and readers may add
    /// the same events at once, and the next reader or writer reads what is missing.
    /// </summary>
    public void Add(long stream, EventAddress address)
    {
        lock (_lock)
        {
            if (_through < 0 || address.Position != _through + 1) return;
            _through = address.Position;
            _recent.Heads[stream] = address;
            if (EventMarks.IsMarked(address.Version)) _recent.Marks[(stream, address.Version)] = address.Position;
        }
    }

    /// <summary>Adds what a commit wrote, in the log's order.</summary>
    public void AddAll(List<(long Stream, EventAddress Address)> added)
    {
        lock (_lock)
        {
            foreach (var (stream, address) in added) Add(stream, address);
        }
    }

    public UnflushedView View(long stream)
    {
        lock (_lock)
        {
            return new UnflushedView(
                _through,
                _recent.Heads.TryGetValue(stream, out var recent) ? recent
                : _flushing.Heads.TryGetValue(stream, out var flushing) ? flushing : null);
        }
    }

    /// <summary>The position of the event of a marked version, if it is not flushed.</summary>
    public long? Mark(long stream, long version)
    {
        lock (_lock)
        {
            return _recent.Marks.TryGetValue((stream, version), out var recent) ? recent
                : _flushing.Marks.TryGetValue((stream, version), out var flushing) ? flushing : null;
        }
    }

    /// <summary>
    /// What is to be flushed: all that is known now, or what the last flush began with and did not complete.
    /// </summary>
    public IndexDelta BeginFlush()
    {
        lock (_lock)
        {
            if (_flushing.IsEmpty)
            {
                _recent.Through = _through;
                (_flushing, _recent) = (_recent, new IndexDelta(_through));
            }

            return _flushing;
        }
    }

    /// <summary>Drops what a flush began with: the store has it.</summary>
    public void CompleteFlush(IndexDelta flushed)
    {
        lock (_lock)
        {
            if (_flushing == flushed) _flushing = new IndexDelta(flushed.Through);
        }
    }
}
