namespace Granary.Storage.Sqlite;

/// <summary>Where an event of a stream stands.</summary>
internal readonly record struct Place(long Version, long Position);

/// <summary>
/// The end of a partition's log that the stream index does not hold yet. With the index it says where every event of a
/// stream up to <see cref="LastPosition"/> stands. Guarded by its own lock: the writer adds, readers look.
/// </summary>
internal sealed class PartitionTail
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, List<Place>> _places = [];
    private int _count;
    private long _last = -1;
    private long _losses;
    private long _indexed;

    /// <summary>The last position that index and tail account for; -1 before anything was read.</summary>
    public long LastPosition
    {
        get
        {
            lock (_lock) return _last;
        }
    }

    /// <summary>
    /// How often it lost places, to the index or by a clearing: a read that this happened to starts over.
    /// </summary>
    public long Losses
    {
        get
        {
            lock (_lock) return _losses;
        }
    }

    public int Count
    {
        get
        {
            lock (_lock) return _count;
        }
    }

    /// <summary>Forgets everything: from here on the index is complete up to a position.</summary>
    public void StartAt(long position)
    {
        lock (_lock)
        {
            _places.Clear();
            _count = 0;
            _last = position;
            _indexed = position;
            _losses++;
        }
    }

    /// <summary>
    /// Drops what the index holds. What came behind stays, so that a writer in the middle of its transaction misses
    /// nothing.
    /// </summary>
    public void DropThrough(long indexed)
    {
        lock (_lock)
        {
            if (indexed <= _indexed || indexed > _last) return;
            foreach (var (stream, places) in _places.ToArray())
            {
                _count -= places.RemoveAll(place => place.Position <= indexed);
                if (places.Count == 0) _places.Remove(stream);
            }

            _indexed = indexed;
            _losses++;
        }
    }

    /// <summary>Adds the log's next row. A row without version is a clearing: what the stream had is gone.</summary>
    public void Add(long stream, Place place)
    {
        lock (_lock)
        {
            // Writer and readers may add the same rows at once; one behind a gap is read again by whoever looks next.
            if (_last < 0 || place.Position != _last + 1) return;
            _last = place.Position;
            if (place.Version == 0)
            {
                _losses++;
                if (_places.Remove(stream, out var gone)) _count -= gone.Count;
                return;
            }

            if (!_places.TryGetValue(stream, out var places)) _places.Add(stream, places = []);
            places.Add(place);
            _count++;
        }
    }

    /// <summary>The row at a position holds nothing of a stream any more.</summary>
    public void Skip(long position)
    {
        lock (_lock)
        {
            if (_last >= 0 && position == _last + 1) _last = position;
        }
    }

    /// <summary>The stream's last event up to a position, where the tail has one.</summary>
    public Place? Last(long stream, long seen)
    {
        lock (_lock)
        {
            if (!_places.TryGetValue(stream, out var places)) return null;
            var at = places.Count - 1;
            while (at >= 0 && places[at].Position > seen) at--;
            return at >= 0 ? places[at] : null;
        }
    }

    /// <summary>At most <paramref name="limit"/> events of a stream behind a version.</summary>
    public Place[] Behind(long stream, long version, int limit)
    {
        lock (_lock)
        {
            if (!_places.TryGetValue(stream, out var places)) return [];
            var skipped = (int)Math.Clamp(version - places[0].Version + 1, 0, places.Count);
            return [.. places.GetRange(skipped, Math.Min(limit, places.Count - skipped))];
        }
    }

    /// <summary>Everything, sorted as the index wants it.</summary>
    public (long Stream, Place Place)[] Sorted()
    {
        lock (_lock)
        {
            return [.. _places.OrderBy(static one => one.Key)
                .SelectMany(static one => one.Value.Select(place => (one.Key, place)))];
        }
    }
}
