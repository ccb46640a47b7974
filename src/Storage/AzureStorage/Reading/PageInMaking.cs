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

    /// <summary>The streams that have events with content on the page.</summary>
    public IReadOnlyCollection<StreamName> Streams =>
        [.. _events.Where(static one => !one.IsTombstone).Select(static one => one.Stream).Distinct()];

    /// <summary>Checks that a commit follows what was looked at; the page may begin in the middle of the first one.
    /// </summary>
    /// <exception cref="StoreCorruptException">Positions are missing, or are there twice.</exception>
    public void Begin(CommitRow commit, string store)
    {
        if (commit.First > Through + 1) throw Missing(store, partition, Through + 1);
        if (commit.Last <= Through || (commit.First <= Through && Through > _after))
            throw Misplaced(store, Through + 1, commit.First, commit.Last);
    }

    /// <summary>Adds what the filter takes of the events after the last position.</summary>
    /// <param name="segment">The events; the next position is one of theirs, or after them.</param>
    /// <returns>False where the page is full.</returns>
    public bool TryAdd(Segment segment)
    {
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

    /// <summary>The page as it is read.</summary>
    /// <param name="end">The end of the partition.</param>
    /// <param name="beginnings">The first positions of streams that are not removed, where they are known.</param>
    public LogPage ToPage(long end, IReadOnlyDictionary<StreamName, long> beginnings) =>
        new(WithoutRemoved(beginnings), new(Through), new(Math.Max(end, Through)));

    public static StoreCorruptException Missing(string store, LogPartition partition, long position) => new(
        $"{store}: position {position} of partition {partition} is missing. Restore the table from a backup.");

    /// <summary>Events are at other positions than those that come next.</summary>
    public StoreCorruptException Misplaced(string store, long next, long first, long last) => new(
        $"{store}: position {next} of partition {partition} comes next, and the events of the positions {first} to "
        + $"{last} are in its place. Restore the table from a backup.");

    // A stream may have been cleared after its removals were read; its marker is on the page then, or comes later.
    private List<RecordedEvent> WithoutRemoved(IReadOnlyDictionary<StreamName, long> beginnings)
    {
        var before = new Dictionary<StreamName, long>(beginnings);
        foreach (var marker in _events.Where(static one => one.Type == EventTypes.StreamCleared))
            before[marker.Stream] =
                Math.Max(before.GetValueOrDefault(marker.Stream), marker.Position.Position.Value);
        if (before.Count == 0) return _events;
        return _events.ConvertAll(one =>
                !one.IsTombstone && one.Position.Position.Value < before.GetValueOrDefault(one.Stream)
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
