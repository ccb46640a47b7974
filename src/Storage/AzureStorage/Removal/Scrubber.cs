using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>Removes the content of what was cleared or truncated, step by step.</summary>
internal sealed class Scrubber(AzureEventStore store)
{
    private const int BlobsMax = 1_000;

    private readonly AzureAccount _account = store.Account;

    /// <summary>Scrubs so many events at most, of the oldest removal of a partition.</summary>
    /// <returns>Whether more is left.</returns>
    public async Task<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken)
    {
        var hasScrubbed = false;
        for (var at = 0; at < store.PartitionCount; at++)
        {
            var partition = new LogPartition(at);
            var tail = await _account.ReadTailAsync(partition, cancellationToken).ConfigureAwait(false);
            if (tail.Removals == 0) continue;
            if (hasScrubbed) return true;
            if (await ScrubOldestAsync(partition, eventsMax, cancellationToken).ConfigureAwait(false)) return true;
            hasScrubbed = true;
        }

        return false;
    }

    // Whether more is left in the partition.
    private async Task<bool> ScrubOldestAsync(
        LogPartition partition, int eventsMax, CancellationToken cancellationToken)
    {
        var budget = _account.StartBudget();
        var range = new TableRange(
            RowKeys.PartitionOf(partition), RowKeys.OfRemoval(0), RowKeys.EndOf(RowKeys.Removal));
        for (var tries = 1; ; tries++)
        {
            if (await range.FirstAsync(_account, cancellationToken).ConfigureAwait(false) is not { } row) return false;
            var removal = RemovalRow.Read(row);

            // Those of a process that ended before it had deleted them too.
            foreach (var blob in removal.Unused) await store.DeleteBlobAsync(blob).ConfigureAwait(false);
            if (removal.IsScrubbed)
            {
                if (await TryEndAsync(partition, removal, tries, cancellationToken).ConfigureAwait(false) is { } left)
                    return left;
            }
            else if (await TryStepAsync(partition, removal, eventsMax, cancellationToken).ConfigureAwait(false)
                is { } isScrubbed)
            {
                if (!isScrubbed) return true;
                tries = 0;
                continue;
            }

            if (!await budget.WaitForTurnAsync(tries, store.Spread).ConfigureAwait(false))
                throw new StoreUnavailableException(
                    $"What was removed of stream {removal.Stream} in {_account.Name} is changed by other processes all "
                    + "the time, or cannot be read. Try again.");
        }
    }

    // Whether no event with content is left; null where the step has not landed.
    private async Task<bool?> TryStepAsync(
        LogPartition partition, RemovalRow removal, int eventsMax, CancellationToken cancellationToken)
    {
        // What it has written is left to the sweep where it is refused: where an answer was lost, it may be in use.
        var step = new ScrubStep(partition, removal, eventsMax, _account, store.Blobs);
        if (!await step.TryPrepareAsync(cancellationToken).ConfigureAwait(false)
            || (!await _account.TryTransactAsync(step.ToActions(), cancellationToken).ConfigureAwait(false)
            && !await IsDoneAsync(partition, removal, step.Next, cancellationToken).ConfigureAwait(false)))
            return null;
        var left = await _account.FindAsync(
            RowKeys.PartitionOf(partition), RowKeys.OfRemoval(removal.Position), CancellationToken.None)
            .ConfigureAwait(false);
        foreach (var blob in left is null ? [] : RemovalRow.Read(left).Unused)
            await store.DeleteBlobAsync(blob).ConfigureAwait(false);
        return step.Next >= removal.Before;
    }

    // Whether more is left in the partition; null where others have written to it meanwhile.
    private async Task<bool?> TryEndAsync(
        LogPartition partition, RemovalRow removal, int tries, CancellationToken cancellationToken)
    {
        if (tries == 1) await DropSnapshotsAsync(partition, removal, cancellationToken).ConfigureAwait(false);
        var tail = await _account.ReadTailInTurnAsync(partition, tries, cancellationToken).ConfigureAwait(false);
        var next = tail with { Removals = tail.Removals - 1, Commit = Uuid7.New(_account.Time) };
        var isDone = await _account.TryTransactAsync(
            [
                next.ToReplacement(),
                new(TableTransactionActionType.Delete, removal.ToEntity(partition), removal.ETag),
            ],
            cancellationToken).ConfigureAwait(false);
        return isDone || await IsDoneAsync(partition, removal, long.MaxValue, cancellationToken).ConfigureAwait(false)
            ? next.Removals > 0 : null;
    }

    // A step that was sent twice is refused where it had landed. Whoever did it, what it replaced is not used any more.
    private async Task<bool> IsDoneAsync(
        LogPartition partition, RemovalRow removal, long next, CancellationToken cancellationToken) =>
        await _account.FindAsync(
            RowKeys.PartitionOf(partition), RowKeys.OfRemoval(removal.Position), cancellationToken)
            .ConfigureAwait(false) is not { } row || RemovalRow.Read(row).From >= next;

    // Those of events before the removal that are not kept: one that is written late is ignored, so its blob is too.
    private async Task DropSnapshotsAsync(
        LogPartition partition, RemovalRow removal, CancellationToken cancellationToken)
    {
        var prefix = BlobName.SnapshotsOf(partition, RowKeys.HashOf(removal.Stream));
        var hash = RowKeys.HashOf(removal.Stream);
        var kept = SnapshotsRow.Read(hash, await _account.FindAsync(
            RowKeys.PartitionOf(partition), RowKeys.OfSnapshots(hash), cancellationToken).ConfigureAwait(false));
        for (string? from = null; ;)
        {
            var page = await store.Blobs.ListAsync(prefix, from, BlobsMax, cancellationToken).ConfigureAwait(false);
            foreach (var blob in page?.Values ?? [])
            {
                if (BlobName.Parse(blob.Name)?.Number < removal.Position
                    && !kept.Kept.Any(one => one.Blob == blob.Name))
                    await store.DeleteBlobAsync(blob.Name).ConfigureAwait(false);
            }

            if (page?.ContinuationToken is not { Length: > 0 } next) return;
            from = next;
        }
    }
}
