namespace Granary.Storage.AzureStorage;

/// <summary>A page of the log while it is read: it takes events as long as it has room.</summary>
internal sealed class PageInMaking(
    LogPartition partition, long after, LogFilter filter, int limit, Dictionary<StreamName, long> removed)
{
    private const int LookedAtMax = 4_096;

    private readonly List<RecordedEvent> _events = [];
    private readonly long _after = after;
    private long _size;

    /// <summary>The last position that was looked at.</summary>
    public long Through { get; private set; } = after;

    /// <summary>Adds what the filter takes of the events after the last position.</summary>
    /// <returns>False where the page is full.</returns>
    /// <exception cref="StoreCorruptException">Positions are missing.</exception>
    public bool TryAdd(Segment segment, string store)
    {
        if (segment.Position > Through + 1) throw Missing(store, partition, Through + 1);
        var before = removed.GetValueOrDefault(segment.Stream);
        for (var at = (int)(Through + 1 - segment.Position); at < segment.Events.Count; at++)
        {
            if (_events.Count == limit || Through - _after == LookedAtMax) return false;
            var isRemoved = segment.First > 0 && segment.Position + at < before;
            var recorded = segment.ToRecorded(at, partition, isRemoved);
            if (filter.Takes(recorded.Stream, recorded.Type))
            {
                _size += recorded.Payload.Length + recorded.Metadata.Utf8.Length;
                if (_events.Count > 0 && _size > GranaryLimits.PageBytesMax) return false;
                _events.Add(recorded);
            }

            Through++;
        }

        return _events.Count < limit && Through - _after < LookedAtMax;
    }

    public LogPage ToPage(long end) => new(WithoutCleared(), new(Through), new(Math.Max(end, Through)));

    public static StoreCorruptException Missing(string store, LogPartition partition, long position) => new(
        $"{store}: position {position} of partition {partition} is missing. Restore the table from a backup.");

    // A stream may have been cleared after its removals were read; its marker is on the page then, or comes later.
    private List<RecordedEvent> WithoutCleared()
    {
        var cleared = _events.Where(static one => one.Type == EventTypes.StreamCleared)
            .GroupBy(static one => one.Stream).ToDictionary(
                static one => one.Key, static one => one.Max(static marker => marker.Position.Position.Value));
        if (cleared.Count == 0) return _events;
        return _events.ConvertAll(one =>
                !one.IsTombstone && one.Position.Position.Value < cleared.GetValueOrDefault(one.Stream)
                    ? Tombstone(one)
                    : one)
            .FindAll(one => filter.Takes(one.Stream, one.Type));
    }

    private static RecordedEvent Tombstone(RecordedEvent gone) => new()
    {
        Stream = gone.Stream,
        Version = gone.Version,
        Position = gone.Position,
        Id = gone.Id,
        AppendId = gone.AppendId,
        Type = EventTypes.Tombstone,
        SchemaVersion = 1,
        Timestamp = gone.Timestamp,
        ContentType = ContentTypes.Json,
        Payload = default,
        Metadata = EventMetadata.Empty,
    };
}
