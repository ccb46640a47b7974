namespace Granary.Testing.Conformance.Model;

/// <summary>An event as the model holds it, or the mark of a clearing.</summary>
internal sealed record ModelEvent(
    StreamName Stream, LogPosition Position, long Version, AppendId AppendId, string Text, DateTimeOffset Timestamp)
{
    public bool Clears => Version == 0;
}

/// <summary>
/// What a store has to answer, in the plainest words: a list a partition, to which things are only ever added. What a
/// stream holds is found by walking the list from its start.
/// </summary>
internal sealed class Model(int partitions)
{
    private readonly Dictionary<StreamName, SortedDictionary<long, string>> _snapshots = [];

    // The first event that stays, of each stream that was truncated.
    private readonly Dictionary<StreamName, ModelEvent> _truncations = [];

    public IReadOnlyList<List<ModelEvent>> Logs { get; } =
        Enumerable.Range(0, partitions).Select(static _ => new List<ModelEvent>()).ToArray();

    /// <summary>The stream's present generation, and the position of the last clearing.</summary>
    public (List<ModelEvent> Events, ModelEvent? Cleared) Walk(StreamName stream)
    {
        var events = new List<ModelEvent>();
        ModelEvent? cleared = null;
        foreach (var one in Logs[LogPartition.Of(stream, partitions).Value])
        {
            if (one.Stream != stream) continue;
            if (one.Clears) (cleared, events) = (one, []);
            else events.Add(one);
        }

        return (events, cleared);
    }

    public LogPosition End(StreamName stream)
    {
        var (events, cleared) = Walk(stream);
        var last = events.LastOrDefault() ?? cleared;
        return last?.Position ?? LogPosition.StartOf(LogPartition.Of(stream, partitions));
    }

    /// <summary>The version of the first event that is left; 0 where there is none.</summary>
    public long First(StreamName stream)
    {
        var (events, _) = Walk(stream);
        if (events.Count == 0) return 0;
        return _truncations.TryGetValue(stream, out var stays) && events.Contains(stays) ? stays.Version : 1;
    }

    public bool Truncate(Truncation truncation)
    {
        var (events, _) = Walk(truncation.Stream);
        var stays = events.ElementAtOrDefault((int)truncation.Before.Value - 1);
        if (stays is null || stays.Position != truncation.Position) return false;
        if (stays.Version <= First(truncation.Stream)) return true;
        _truncations[truncation.Stream] = stays;
        if (!_snapshots.TryGetValue(truncation.Stream, out var kept))
            _snapshots.Add(truncation.Stream, kept = []);
        if (truncation.Snapshot is { } snapshot) kept[stays.Version] = TextOf(snapshot.Payload);
        foreach (var version in kept.Keys.Where(version => version < stays.Version).ToArray()) kept.Remove(version);
        return true;
    }

    public bool IsGone(ModelEvent one) => IsCleared(one)
        || (!one.Clears && _truncations.TryGetValue(one.Stream, out var stays)
            && one.Position.Position < stays.Position.Position);

    private bool IsCleared(ModelEvent one) =>
        Logs[one.Position.Partition.Value].Any(later => later.Clears && later.Stream == one.Stream
            && later.Position.Position > one.Position.Position);

    public AppendResult Commit(Append append, DateTimeOffset clock)
    {
        var log = Logs[LogPartition.Of(append.Stream, partitions).Value];
        var timestamp = log.Count > 0 && log[^1].Timestamp > clock ? log[^1].Timestamp : clock;
        var (events, _) = Walk(append.Stream);
        var end = End(append.Stream);
        var met = append.Expected.Kind switch
        {
            ExpectedVersionKind.Any => true,
            ExpectedVersionKind.StreamExists => events.Count > 0,
            _ => append.Expected.Version.Value == events.Count
                && (append.Expected.Position.Value == 0 || append.Expected.Position == end.Position),
        };
        var exactly = append.Expected.Kind == ExpectedVersionKind.Exactly;
        var isUnique = exactly && met && append.Expected.Position.Value > 0;
        var searches = append.ClearsStream || !isUnique;
        if (searches && Earlier(append, exactly, events) is { } earlier)
            return new(AppendOutcome.AlreadyAppended, new(earlier.Version), earlier.Position, earlier.Timestamp);
        if (!met) return new(AppendOutcome.Conflict, new(events.Count), end, timestamp);

        if (append.ClearsStream && events.Count == 0) return new(AppendOutcome.Appended, default, end, timestamp);
        if (append.ClearsStream)
        {
            _snapshots.Remove(append.Stream);
            Add(append, 0, "", timestamp);
        }

        for (var at = 0; at < append.Events.Count; at++)
            Add(append, events.Count + at + 1, TextOf(append.Events[at].Payload), timestamp);
        var last = Logs[end.Partition.Value][^1];
        return new(AppendOutcome.Appended, new(last.Version), last.Position, timestamp);
    }

    public void WriteSnapshot(StreamName stream, long version, LogPosition position, string state)
    {
        if (Walk(stream).Cleared is { } cleared && position.Position <= cleared.Position.Position) return;
        if (_truncations.TryGetValue(stream, out var stays) && position.Position < stays.Position.Position) return;
        if (!_snapshots.TryGetValue(stream, out var kept)) _snapshots.Add(stream, kept = []);
        if (version > 1 && version == First(stream) && kept.ContainsKey(version)) return;
        kept[version] = state;
    }

    public string? ReadSnapshot(StreamName stream, long atMost) =>
        _snapshots.GetValueOrDefault(stream)?.LastOrDefault(one => one.Key <= atMost).Value;

    public static string TextOf(ReadOnlyMemory<byte> payload) => System.Text.Encoding.UTF8.GetString(payload.Span);

    private ModelEvent? Earlier(Append append, bool exactly, List<ModelEvent> events)
    {
        var log = Logs[LogPartition.Of(append.Stream, partitions).Value];
        var own = log.Where(one => one.Stream == append.Stream && one.AppendId == append.Id);
        if (append.ClearsStream) return own.LastOrDefault(static one => one.Clears);
        var candidates = exactly ? events.Skip((int)append.Expected.Version.Value).Take(append.Events.Count) : events;
        return candidates.LastOrDefault(one => one.AppendId == append.Id)
            ?? own.LastOrDefault(one => !one.Clears && IsCleared(one));
    }

    private void Add(Append append, long version, string text, DateTimeOffset timestamp)
    {
        var partition = LogPartition.Of(append.Stream, partitions);
        var log = Logs[partition.Value];
        log.Add(new(append.Stream, new(partition, new(log.Count + 1)), version, append.Id, text, timestamp));
    }
}
