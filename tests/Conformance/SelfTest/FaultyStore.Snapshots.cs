namespace Granary.Tests.Conformance.SelfTest;

internal sealed partial class FaultyStore
{
    public ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        if (fault != Fault.WritesSnapshotsThoughCancelled) cancellationToken.ThrowIfCancellationRequested();
        lock (data.Lock)
        {
            var cleared = Of(snapshot.Stream, data.Log).LastOrDefault(static one =>
                one.Type == EventTypes.StreamCleared);
            if (cleared is not null && snapshot.Position.Position <= cleared.Position.Position
                && fault != Fault.KeepsLateSnapshotsOfTheCleared) return ValueTask.CompletedTask;

            if (IsOfWhatWasTruncated(snapshot) && fault != Fault.KeepsLateSnapshotsOfTheTruncated)
                return ValueTask.CompletedTask;

            if (fault != Fault.ReplacesTheSnapshotOfATruncation && IsWhereTheStreamBegins(snapshot)
                && data.Snapshots.Exists(one => one.Stream == snapshot.Stream && one.Version == snapshot.Version))
                return ValueTask.CompletedTask;

            bool IsReplaced(Snapshot one) => one.Stream == snapshot.Stream && one.Version == snapshot.Version;
            if (fault == Fault.KeepsTheFirstSnapshot && data.Snapshots.Any(IsReplaced)) return ValueTask.CompletedTask;
            data.Snapshots.RemoveAll(IsReplaced);
            data.Snapshots.Add(Kept(snapshot));
            if (fault != Fault.KeepsEverySnapshot)
            {
                var old = data.Snapshots.Where(one => one.Stream == snapshot.Stream)
                    .OrderByDescending(static one => one.Version.Value).Skip(ISnapshotStore.KeptMax)
                    .Where(one => fault == Fault.DropsTheSnapshotWhereAStreamBegins || !IsWhereTheStreamBegins(one))
                    .ToHashSet();
                data.Snapshots.RemoveAll(old.Contains);
            }

            if (fault == Fault.CountsASnapshotAsAnEvent) data.Lost++;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<Snapshot?> ReadSnapshotAsync(
        StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter, CancellationToken cancellationToken)
    {
        if (fault != Fault.ReadsThoughCancelled) cancellationToken.ThrowIfCancellationRequested();
        lock (data.Lock)
        {
            var found = data.Snapshots.Where(one => one.Stream == stream)
                .Where(one => one.Version <= atMost || fault == Fault.ForgetsTheVersionBound)
                .Where(one => notAfter is null || one.Timestamp <= notAfter || fault == Fault.ForgetsTheInstantBound)
                .MaxBy(static one => one.Version.Value);
            if (found is null || fault != Fault.KeepsSnapshotsItHasRead) return ValueTask.FromResult(found);
            _ownSnapshots.TryAdd(stream, found);
            return ValueTask.FromResult<Snapshot?>(_ownSnapshots[stream]);
        }
    }

    private Snapshot Kept(Snapshot snapshot) => new()
    {
        Stream = snapshot.Stream,
        Version = snapshot.Version,
        Position = fault == Fault.ForgetsTheSnapshotsPosition ? default : snapshot.Position,
        Timestamp = snapshot.Timestamp,
        Fingerprint = snapshot.Fingerprint,
        Checksum = snapshot.Checksum,
        Payload = fault == Fault.CutsLargeSnapshots
            ? snapshot.Payload[..Math.Min(snapshot.Payload.Length, 65_535)]
            : snapshot.Payload,
    };
}
