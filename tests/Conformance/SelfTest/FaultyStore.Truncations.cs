namespace Granary.Tests.Conformance.SelfTest;

internal sealed partial class FaultyStore
{
    // Where streams were truncated last, where the fault is to remember that too long.
    private readonly Dictionary<StreamName, StreamVersion> _ownFirsts = [];
    private int _listed;

    public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken)
    {
        var (stream, before, position, snapshot) = truncation;
        (fault == Fault.TakesAnySnapshotOfATruncation ? truncation with { Snapshot = null } : truncation)
            .ThrowIfWrong(PartitionCount);
        if (fault != Fault.TruncatesThoughCancelled) cancellationToken.ThrowIfCancellationRequested();
        lock (data.Lock)
        {
            var isThere = Generation(stream).Exists(one => one.Version == before && one.Position == position);
            if (!isThere && fault != Fault.TruncatesWithoutLooking) return ValueTask.FromResult(false);
            var last = before.Value - (fault == Fault.TruncatesTheEventThatStays ? 0 : 1);
            var candidates = fault == Fault.TruncatesAgainFromTheStart ? Generation(stream) : Live(stream);
            var gone = candidates.Where(one => one.Version.Value <= last).ToList();
            if (fault == Fault.TruncatesThousandEventsAtMost) gone = gone.TakeLast(1_000).ToList();
            if (gone.Count == 0 && fault == Fault.RefusesARetryOfATruncation) return ValueTask.FromResult(false);
            foreach (var one in gone) Remove(one);
            _ownFirsts[stream] = before;
            if (gone.Count > 0 && fault != Fault.KeepsSnapshotsOfTheTruncated)
                data.Snapshots.RemoveAll(one => one.Stream == stream
                    && (one.Version < before || fault == Fault.DropsEverySnapshotOfTheTruncated));
            if (snapshot is not null && (gone.Count > 0 || fault == Fault.KeepsTheSnapshotOfNoTruncation))
            {
                data.Snapshots.RemoveAll(one => one.Stream == stream && one.Version == before);
                if (fault != Fault.ForgetsTheSnapshotOfATruncation) data.Snapshots.Add(snapshot);
            }

            return ValueTask.FromResult(true);
        }
    }

    public ValueTask<StreamPage> ReadStreamsAsync(
        string? category, StreamName? after, int limit, CancellationToken cancellationToken)
    {
        if (fault != Fault.TakesAnyCursor) cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        lock (data.Lock)
        {
            var names = NamesInOrder();
            if (after is { } last && !names.Contains(last) && fault != Fault.TakesAnyCursor)
                throw new ArgumentException($"There is no stream {last}.");
            var begin = after is null ? 0
                : fault == Fault.CountsTheNamesListed ? _listed
                : names.IndexOf(after.Value) + 1;
            var found = names.Skip(begin)
                .Where(one => category is null || one.Category == category || fault == Fault.ListsEveryCategory)
                .Take(limit + 1).ToList();
            _listed = begin + Math.Min(found.Count, limit);
            var hasNext = found.Count > limit && fault != Fault.ListsAFirstPageOnly;
            StreamName? next = hasNext ? found[limit - 1] : null;
            if (fault == Fault.AlwaysHasAnotherPage) next ??= names.LastOrDefault();
            return ValueTask.FromResult(new StreamPage(found.Take(limit).ToList(), next));
        }
    }

    private List<StreamName> NamesInOrder()
    {
        var events = data.Log.SelectMany(static log => log);
        if (fault == Fault.ForgetsTheNamesOfTheCleared) events = events.Where(static one => !one.IsTombstone);
        if (fault == Fault.ListsByTheLastEvent)
            return events.Reverse().Select(static one => one.Stream).Distinct().Reverse().ToList();
        return events.Select(static one => one.Stream).Distinct()
            .OrderBy(static one => one.ToString(), StringComparer.Ordinal).ToList();
    }

    private void Remove(RecordedEvent gone)
    {
        var log = LogOf(gone.Stream, data.Log);
        log[log.IndexOf(gone)] = Tombstone(gone);
        Cleared.Add(gone);
    }

    // The events since the last clearing, those that were removed included.
    private List<RecordedEvent> Generation(StreamName stream) =>
        Of(stream, data.Log).Reverse().TakeWhile(static one => one.Version > StreamVersion.Zero).Reverse().ToList();

    private DateTimeOffset? CreatedOf(StreamName stream, List<RecordedEvent> events) =>
        Generation(stream).FirstOrDefault()?.Timestamp ?? events[0].Timestamp;

    private StreamVersion FirstOf(StreamName stream, List<RecordedEvent> events) => fault switch
    {
        Fault.BeginsAtVersionOne => new(1),
        Fault.BeginsNowhere when events[0].Version.Value == 1 => default,
        Fault.BeginsWhereTheLastGenerationDid => _ownFirsts.GetValueOrDefault(stream, events[0].Version),
        _ => events[0].Version,
    };

    private void ThrowIfRemoved(StreamName stream, long after, List<RecordedEvent> live)
    {
        if (live.Count == 0 || fault == Fault.ReadsOnAtTheFirstThatIsLeft) return;
        var first = fault == Fault.BeginsWhereTheLastGenerationDid ? FirstOf(stream, live) : live[0].Version;
        if (first.Value > 1 && after + 1 < first.Value)
            throw new StreamTruncatedException(stream, new(Math.Max(0, after) + 1), first);
    }

    private bool IsOfWhatWasTruncated(Snapshot snapshot)
    {
        var generation = Generation(snapshot.Stream);
        return generation.Exists(static one => one.IsTombstone)
            && generation.Find(static one => !one.IsTombstone)?.Position.Position > snapshot.Position.Position;
    }

    private bool IsWhereTheStreamBegins(Snapshot snapshot)
    {
        if (fault == Fault.KeepsTheSnapshotWhereAnEarlierGenerationBegan)
            return _ownFirsts.GetValueOrDefault(snapshot.Stream) == snapshot.Version;
        var generation = Generation(snapshot.Stream);
        return generation.Exists(static one => one.IsTombstone)
            && generation.Find(static one => !one.IsTombstone)?.Version == snapshot.Version;
    }

    private void BringBack(List<RecordedEvent> log)
    {
        foreach (var gone in data.Cleared)
        {
            var at = log.FindIndex(one => one.Position == gone.Position);
            if (at >= 0) log[at] = gone;
        }
    }
}
