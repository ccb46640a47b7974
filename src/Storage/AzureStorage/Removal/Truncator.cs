using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>Truncates streams: one transaction that touches no event.</summary>
internal sealed class Truncator(AzureEventStore store)
{
    private readonly AzureAccount _account = store.Account;

    public async Task<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken)
    {
        var (stream, before, position, snapshot) = truncation;
        var partition = position.Partition;
        var budget = _account.StartBudget();
        KeptSnapshot? kept = null;
        for (var tries = 1; ; tries++)
        {
            // The tail first: what is read after it holds where it is still that.
            var tail = await _account.ReadTailInTurnAsync(partition, tries, cancellationToken).ConfigureAwait(false);
            var head = await _account.ReadHeadAsync(partition, stream, cancellationToken).ConfigureAwait(false);
            if (!await IsThereAsync(partition, head, before.Value, position.Position.Value, cancellationToken)
                .ConfigureAwait(false)) return await EndAsync(kept, isDone: false).ConfigureAwait(false);
            if (before.Value <= head.First) return await EndAsync(kept, isDone: true).ConfigureAwait(false);
            if (snapshot is not null && kept is null)
            {
                kept = KeptSnapshot.Of(
                    snapshot, store.Blobs.NewSnapshotName(partition, head.Hash, position.Position.Value));
                await store.Blobs.WriteAsync(kept.Blob, snapshot.Payload, cancellationToken).ConfigureAwait(false);
            }

            var snapshots = SnapshotsRow.Read(head.Hash, await _account.FindAsync(
                RowKeys.PartitionOf(partition), RowKeys.OfSnapshots(head.Hash), cancellationToken)
                .ConfigureAwait(false));
            var removal = new RemovalRow(
                stream, head.Generation, position.Position.Value, head.First, before.Value);
            var truncated = head with { First = before.Value, FirstPosition = position.Position.Value };
            if (await _account.TryTransactAsync(
                [
                    (tail with { Removals = tail.Removals + 1, Commit = Uuid7.New(_account.Time) }).ToReplacement(),
                    new(TableTransactionActionType.UpdateReplace, truncated.ToEntity(partition), Azure.ETag.All),
                    new(TableTransactionActionType.Add, removal.ToEntity(partition)),
                    snapshots.From(before.Value).With(kept, truncated).ToAction(partition),
                ],
                cancellationToken).ConfigureAwait(false)) return true;
            if (!await budget.WaitForTurnAsync(tries, store.Spread).ConfigureAwait(false))
                throw new StoreUnavailableException(
                    $"Other processes write to partition {partition} of {_account.Name} all the time. Try again.");
        }
    }

    // The stream was changed since the blob of the snapshot was written: where no row points to it, none ever does.
    private async Task<bool> EndAsync(KeptSnapshot? kept, bool isDone)
    {
        if (kept is not null)
            await store.Sweep.DeleteIfUnusedAsync(kept.Blob, CancellationToken.None).ConfigureAwait(false);
        return isDone;
    }

    // Whether the event of that version of the present generation is at that position.
    private async Task<bool> IsThereAsync(
        LogPartition partition, HeadRow head, long version, long position, CancellationToken cancellationToken)
    {
        if (version > head.Version) return false;
        var range = new TableRange(
            RowKeys.PartitionOf(partition), RowKeys.OfEvents(head.Hash, head.Generation, version - 1),
            RowKeys.OfEvents(head.Hash, head.Generation, head.Version))
        {
            Select = EventsRow.KeyNames,
        };
        return await range.FirstAsync(_account, cancellationToken).ConfigureAwait(false) is { } row
            && EventsRow.ReadKey(row) is var append && append.First <= version
            && append.Position + version - append.First == position;
    }
}
