namespace Granary.Storage.Sqlite;

/// <summary>What is known in memory of a stream, and up to which position of the log.</summary>
/// <param name="Through">The last position that is accounted for.</param>
/// <param name="Head">Where the stream ends, if it was written since the index was.</param>
internal readonly record struct TailView(long Through, Place? Head);

/// <summary>
/// The end of a partition's log that heads and marks in the file do not know of yet. It is frozen, written out in
/// slices while a new one gathers, and then forgotten. Guarded by its own lock: the writer adds, readers look.
/// </summary>
internal sealed class StreamTail
{
    private readonly Lock _lock = new();
    private Gathered _recent = new(-1);
    private Gathered _frozen = new(-1);
    private long _through = -1;

    /// <summary>The last position accounted for; -1 before anything was read.</summary>
    public long Through
    {
        get
        {
            lock (_lock) return _through;
        }
    }

    /// <summary>How many events gathered since the last freezing.</summary>
    public long Count
    {
        get
        {
            lock (_lock) return Math.Max(0, _through - _recent.After);
        }
    }

    /// <summary>Forgets everything: what the file knows reaches up to a position, or to -1 for unknown.</summary>
    public void StartAt(long position)
    {
        lock (_lock)
        {
            _recent = new Gathered(position);
            _frozen = new Gathered(position);
            _through = position;
        }
    }

    /// <summary>
    /// Adds the log's next row. One that is known or behind a gap is passed over: writer and readers may add the same
    /// rows at once, and whoever looks next reads what is missing.
    /// </summary>
    public void Add(long stream, Place place)
    {
        lock (_lock)
        {
            if (_through < 0 || place.Position != _through + 1) return;
            _through = place.Position;
            _recent.Heads[stream] = place;
            if (IndexStatements.IsMarked(place.Version)) _recent.Marks[(stream, place.Version)] = place.Position;
        }
    }

    /// <summary>Adds what a commit wrote, in the log's order.</summary>
    public void AddAll(List<(long Stream, Place Place)> added)
    {
        lock (_lock)
        {
            foreach (var (stream, place) in added) Add(stream, place);
        }
    }

    public TailView View(long stream)
    {
        lock (_lock)
        {
            return new TailView(
                _through,
                _recent.Heads.TryGetValue(stream, out var recent) ? recent
                : _frozen.Heads.TryGetValue(stream, out var frozen) ? frozen : null);
        }
    }

    /// <summary>Where the event of a marked version stands, if that is known here.</summary>
    public long? Mark(long stream, long version)
    {
        lock (_lock)
        {
            return _recent.Marks.TryGetValue((stream, version), out var recent) ? recent
                : _frozen.Marks.TryGetValue((stream, version), out var frozen) ? frozen : null;
        }
    }

    /// <summary>
    /// Sets aside what gathered, to be written out. What could not be written the last time is still set aside.
    /// </summary>
    public Gathered Freeze()
    {
        lock (_lock)
        {
            if (_frozen.IsEmpty)
            {
                _recent.Through = _through;
                (_frozen, _recent) = (_recent, new Gathered(_through));
            }

            return _frozen;
        }
    }

    /// <summary>What was frozen is in the file.</summary>
    public void Thaw(Gathered written)
    {
        lock (_lock)
        {
            if (_frozen == written) _frozen = new Gathered(written.Through);
        }
    }

    /// <summary>Heads and marks of the events behind a position, which the file does not know of yet.</summary>
    /// <param name="after">That position.</param>
    public sealed class Gathered(long after)
    {
        public long After => after;

        /// <summary>The last position that it is complete to; set when it is frozen.</summary>
        public long Through { get; set; }

        public Dictionary<long, Place> Heads { get; } = [];

        public Dictionary<(long Stream, long Version), long> Marks { get; } = [];

        public bool IsEmpty => Heads.Count == 0 && Marks.Count == 0;
    }
}
