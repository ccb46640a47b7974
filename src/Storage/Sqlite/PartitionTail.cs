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
    private long _starts;

    /// <summary>The last position that index and tail account for; -1 before anything was read.</summary>
    public long LastPosition
    {
        get
        {
            lock (_lock) return _last;
        }
    }

    /// <summary>How often it started anew: what it held before is to be looked for in the index since.</summary>
    public long Starts
    {
        get
        {
            lock (_lock) return _starts;
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
            _starts++;
        }
    }

    /// <summary>Adds the log's next row. A row without version is a clearing: what the stream had is gone.</summary>
    public void Add(long stream, Place place)
    {
        lock (_lock)
        {
            if (place.Position <= _last) return;
            _last = place.Position;
            if (place.Version == 0)
            {
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
        lock (_lock) _last = Math.Max(_last, position);
    }

    /// <summary>The stream's last event, where the tail has one.</summary>
    public Place? Last(long stream)
    {
        lock (_lock) return _places.TryGetValue(stream, out var places) ? places[^1] : null;
    }

    /// <summary>At most <paramref name="limit"/> events of a stream behind a version, and how far that is true.</summary>
    public (Place[] Places, long LastPosition) Behind(long stream, long version, int limit)
    {
        lock (_lock)
        {
            if (!_places.TryGetValue(stream, out var places)) return ([], _last);
            var skipped = (int)Math.Clamp(version + 1 - places[0].Version, 0, places.Count);
            return (places.GetRange(skipped, Math.Min(limit, places.Count - skipped)).ToArray(), _last);
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
