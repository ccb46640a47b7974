namespace Granary.Storage.AzureStorage;

/// <summary>
/// Snapshots in blobs, each of which is written once. Which ones are kept is in a row beside the stream's head, which
/// is
/// replaced where its ETag is the one that was read.
/// </summary>
public sealed class AzureSnapshotStore : ISnapshotStore
{
    // How often it is read again whose blob was deleted meanwhile: another one is kept then.
    private const int TriesMax = 3;

    private readonly AzureEventStore _store;
    private readonly AzureAccount _account;

    /// <summary>Keeps snapshots beside the events of a store.</summary>
    /// <param name="store">The store.</param>
    public AzureSnapshotStore(AzureEventStore store) => (_store, _account) = (store, store.Account);

    /// <inheritdoc />
    public async ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var partition = _store.PartitionOf(snapshot.Stream);
        KeptSnapshot? written = null;
        while (true)
        {
            // The row first: a clearing or a truncation since then has replaced it.
            var kept = await ReadKeptAsync(snapshot.Stream, partition, cancellationToken).ConfigureAwait(false);
            var head = await _account.ReadHeadAsync(partition, snapshot.Stream, cancellationToken)
                .ConfigureAwait(false);
            if (IsLate(snapshot, head, kept))
            {
                if (written is not null && !kept.Kept.Contains(written))
                    await _store.DeleteBlobAsync(written.Blob).ConfigureAwait(false);
                return;
            }

            if (written is null)
            {
                written = KeptSnapshot.Of(
                    snapshot,
                    _store.Blobs.NewSnapshotName(partition, head.Hash, snapshot.Position.Position.Value));
                await _store.Blobs.WriteAsync(written.Blob, snapshot.Payload, cancellationToken).ConfigureAwait(false);
            }

            var next = kept.With(written, head);
            if (!await _account.TryTransactAsync([next.ToAction(partition)], cancellationToken).ConfigureAwait(false))
            {
                // A request that was sent twice is refused where it had landed.
                var now = await ReadKeptAsync(snapshot.Stream, partition, cancellationToken).ConfigureAwait(false);
                if (!now.Kept.Contains(written))
                {
                    // Where it had landed, another writer has replaced it and deleted its blob.
                    await _store.DeleteBlobAsync(written.Blob).ConfigureAwait(false);
                    written = null;
                    continue;
                }
            }

            foreach (var gone in kept.Kept.Except(next.Kept))
                await _store.DeleteBlobAsync(gone.Blob).ConfigureAwait(false);
            return;
        }
    }

    /// <inheritdoc />
    public async ValueTask<Snapshot?> ReadSnapshotAsync(
        StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var partition = _store.PartitionOf(stream);
        for (var tries = 1; tries <= TriesMax; tries++)
        {
            var kept = await ReadKeptAsync(stream, partition, cancellationToken).ConfigureAwait(false);
            var found = kept.Kept.Reverse().Where(one =>
                one.Version <= atMost.Value && (notAfter is null || one.Time <= notAfter.Value.UtcTicks)).ToList();
            if (found.Count == 0) return null;

            // One whose blob stays away is damaged: an earlier one is better than none.
            foreach (var one in tries < TriesMax ? found.Take(1) : found)
            {
                if (await _store.Blobs.FindAsync(one.Blob, cancellationToken).ConfigureAwait(false) is { } payload)
                    return one.ToSnapshot(stream, partition, payload);
            }
        }

        return null;
    }

    private static bool IsLate(Snapshot snapshot, HeadRow head, SnapshotsRow kept) =>
        snapshot.Position.Position.Value < head.SnapshotsFrom
        || (head.FirstPosition > 0 && snapshot.Version.Value == head.First
            && kept.Kept.Any(one => SnapshotsRow.IsBase(one, head)));

    private async Task<SnapshotsRow> ReadKeptAsync(
        StreamName stream, LogPartition partition, CancellationToken cancellationToken)
    {
        var hash = RowKeys.HashOf(stream);
        return SnapshotsRow.Read(hash, await _account.FindAsync(
            RowKeys.PartitionOf(partition), RowKeys.OfSnapshots(hash), cancellationToken).ConfigureAwait(false));
    }
}
