using System.Runtime.InteropServices;

namespace Granary.Tests.Conformance.SelfTest;

internal sealed partial class FaultyStore
{
    private void ThrowIfStray(AppendBatch batch, IEnumerable<Append> appends)
    {
        if (appends.Any(append => this.PartitionOf(append.Stream) != batch.Partition))
            throw new ArgumentException("A stream belongs to another partition.", nameof(batch));
    }

    private void ThrowIfTooMuch(AppendBatch batch)
    {
        var isTooMuch = (fault == Fault.TakesFewerEventsThanItSays
                && batch.Appends.Any(static one => one.Events.Count > GranaryLimits.AppendEventsMax - 1))
            || (fault == Fault.TakesLessThanItSays
                && batch.Appends.Any(static one => one.Size > GranaryLimits.BatchSizeMax - 1));
        if (isTooMuch) throw new LimitExceededException("append", 1, 0, "Append less.");
    }

    private void Commit(AppendBatch batch)
    {
        var before = data.Log.Select(static log => log.ToList()).ToArray();
        var count = fault == Fault.CutsLongBatches ? Math.Min(100, batch.Appends.Count) : batch.Appends.Count;
        for (var at = 0; at < count; at++)
        {
            if (fault == Fault.StopsAtStrays) ThrowIfStray(batch, [batch.Appends[at]]);
            var known = fault == Fault.ChecksABatchAgainstItsStart ? before : data.Log;
            batch.SetResult(at, Decide(batch, batch.Appends[at], known));
        }

        if (fault != Fault.FailsTheBatchOnAConflict) return;
        if (batch.Results.All(static one => one.Outcome != AppendOutcome.Conflict)) return;
        for (var at = 0; at < before.Length; at++) data.Log[at] = before[at];
    }

    private AppendResult Decide(AppendBatch batch, Append append, List<RecordedEvent>[] known)
    {
        var (events, end) = (Live(append.Stream, known), End(append.Stream, known));
        var version = fault == Fault.BelievesItsOwnHeads
            ? new(_ownHeads.GetValueOrDefault(append.Stream))
            : VersionOf(append.Stream, events, known);
        var met = ExpectationOf(append).IsMetBy(version, end.Position)
            || fault == Fault.ForgetsTheVersion
            || (fault == Fault.ForgetsThePosition && append.Expected.Version == version)
            || (fault == Fault.ClearsWithoutLooking && append.ClearsStream);
        if (FindEarlier(batch, append, met, known) is { } earlier) return earlier;
        if (fault == Fault.RefusesByItsOwnHeads && _ownHeads.TryGetValue(append.Stream, out var own)
            && !append.Expected.IsMetBy(new(own), end.Position))
            return Refuse(batch, append, new(own), end);
        if (!met) return Refuse(batch, append, version, end);
        if (fault == Fault.WantsUniqueEventIds) ThrowIfStored(append);

        if (append.ClearsStream) return Clear(batch, append, events, end);
        var given = fault == Fault.ReversesAnAppend ? append.Events.Reverse() : append.Events;
        if (fault == Fault.CutsLongAppends) given = given.Take(5_000);
        var added = given.Select(one => Record(batch, append, version = version.Plus(1), one)).ToList();
        if (fault == Fault.ShowsTheLaterFirst && added.Count == 2 && !data.Passed.Task.IsCompleted)
            data.Hidden ??= added[0];
        _ownIds.Add(append.Id);
        _ownHeads[append.Stream] = version.Value;
        return Answer(AppendOutcome.Appended, added[fault == Fault.AnswersWithTheFirstEvent ? 0 : ^1]);
    }

    private ExpectedVersion ExpectationOf(Append append)
    {
        var (version, position) = (append.Expected.Version.Value, append.Expected.Position.Value);
        if (append.Expected.Kind != ExpectedVersionKind.Exactly) return append.Expected;
        if (fault == Fault.CutsExpectedVersions) version = unchecked((int)version);
        if (fault == Fault.CutsExpectedPositions) position = unchecked((int)position);
        return ExpectedVersion.Exactly(new(version), new(position));
    }

    private AppendResult? FindEarlier(AppendBatch batch, Append append, bool met, List<RecordedEvent>[] known)
    {
        var exactly = append.Expected.Kind == ExpectedVersionKind.Exactly;
        var trustsVersion = append.ClearsStream
            ? fault == Fault.ClearsAgainAtTheSameVersion
            : fault == Fault.TrustsAVersionThatIsMetAgain || append.Expected.Position != GlobalPosition.Zero;
        if ((exactly && met && trustsVersion) || fault == Fault.ForgetsAppendIds) return null;
        if (fault == Fault.KeepsAppendIdsInTheProcess && !_ownIds.Contains(append.Id)) return null;

        var events = Live(append.Stream, known);
        var window = GranaryLimits.AppendIdWindow - (fault == Fault.LooksAtOneEventLess ? 1 : 0);
        var searched = exactly && fault != Fault.LooksInTheWindowOnly
            ? events.Where(one => one.Version > append.Expected.Version)
            : events.TakeLast(window);
        var cleared = Of(append.Stream, known).Where(static one => one.Type == EventTypes.Tombstone)
            .TakeLast(window - events.Count);
        if (fault == Fault.FindsTheFirstGenerationOnly)
            cleared = Of(append.Stream, known).TakeWhile(static one => one.Type == EventTypes.Tombstone);
        if (fault != Fault.ForgetsTheIdsOfTheCleared) searched = cleared.Concat(searched);
        if (append.ClearsStream)
            searched = Of(append.Stream, known).Where(static one => one.Type == EventTypes.StreamCleared)
                .TakeLast(fault == Fault.FindsTheLastClearingOnly ? 1 : GranaryLimits.AppendIdWindow);
        if (append.ClearsStream && fault == Fault.ForgetsTheIdOfAClearing) return null;
        if (fault == Fault.FindsIdsInOtherStreams) searched = known[batch.Partition.Value];

        var found = searched.LastOrDefault(one =>
            one.AppendId == append.Id
            || (exactly && fault == Fault.TakesAnyEventForTheRetry)
            || (one.Id == append.Id.Value && fault == Fault.TakesEventIdsForAppendIds));
        if (found is null) return null;
        return fault == Fault.AnswersARetryWithNow
            ? Answer(AppendOutcome.AlreadyAppended, events[^1]) with { Timestamp = batch.Timestamp }
            : Answer(AppendOutcome.AlreadyAppended, found);
    }

    private AppendResult Refuse(AppendBatch batch, Append append, StreamVersion version, LogPosition end)
    {
        if (fault == Fault.LosesAPositionToAConflict) data.Lost++;
        if (fault == Fault.LandsHalfOfAConflict) Record(batch, append, version.Plus(1), append.Events[0]);
        return new(AppendOutcome.Conflict, version, end, TimeOf(batch, append));
    }

    private AppendResult Clear(AppendBatch batch, Append append, List<RecordedEvent> events, LogPosition end)
    {
        if (events.Count == 0 && fault != Fault.MarksClearingsOfNothing)
            return new(AppendOutcome.Appended, StreamVersion.Zero, end, TimeOf(batch, append));

        var log = LogOf(append.Stream, data.Log);
        var skipped = fault == Fault.ClearsTheLastThousand ? Math.Max(0, events.Count - 1_000) : 0;
        foreach (var gone in events.SkipLast(fault == Fault.BringsOldEventsBack ? 1 : 0).Skip(skipped))
        {
            var bytes = MemoryMarshal.AsMemory(gone.Payload).Span;
            if (fault == Fault.ClearsWhatWasRead) bytes.Clear();
            if (log.IndexOf(gone) is >= 0 and var at) log[at] = Tombstone(gone);
            Cleared.Add(gone);
        }

        var dropsAll = fault == Fault.DropsSnapshotsOfOthers;
        if (fault != Fault.KeepsSnapshotsOfTheCleared)
            data.Snapshots.RemoveAll(one => dropsAll || one.Stream == append.Stream);
        _ownHeads[append.Stream] = 0;
        _ownSnapshots.Clear();
        if (fault == Fault.MarksNoClearing) return new(AppendOutcome.Appended, default, end, TimeOf(batch, append));
        var marker = new NewEvent(append.Id.Value, EventTypes.StreamCleared, default);
        return Answer(AppendOutcome.Appended, Record(batch, append, StreamVersion.Zero, marker));
    }

    private void ThrowIfStored(Append append)
    {
        var stored = data.Log.SelectMany(static log => log).Select(static one => one.Id).ToHashSet();
        if (append.Events.Any(one => stored.Contains(one.Id))) throw new StoreCorruptException("The id is stored.");
    }

    private static AppendResult Answer(AppendOutcome outcome, RecordedEvent last) =>
        new(outcome, last.Version, last.Position, last.Timestamp);
}
