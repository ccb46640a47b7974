namespace Granary.Storage.AzureStorage;

/// <summary>Removes the content of what was cleared or truncated, step by step.</summary>
internal sealed class Scrubber(AzureEventStore store, double spread)
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
            var tail = await _account.ReadTailAsync(partition, cancellationToken).ConfigureAwait(false);
            if (await range.FirstAsync(_account, cancellationToken).ConfigureAwait(false) is not { } row) return false;
            var removal = RemovalRow.Read(row);
            var step = new ScrubStep(partition, removal, eventsMax, _account, store.Blobs);
            if (await step.TryPrepareAsync(cancellationToken).ConfigureAwait(false)
                && (await _account.TryTransactAsync(step.ToActions(step.IsLast ? tail : null), cancellationToken)
                    .ConfigureAwait(false)
                || await IsDoneAsync(partition, removal, step.Next, cancellationToken).ConfigureAwait(false)))
            {
                foreach (var blob in step.Replaced) await store.DeleteBlobAsync(blob).ConfigureAwait(false);
                if (!step.IsLast) return true;
                await DropSnapshotsAsync(partition, removal, cancellationToken).ConfigureAwait(false);
                return tail.Removals > 1;
            }

            // What the step has written is left to the sweep: where an answer was lost, it may be in use.
            if (!await budget.WaitForTurnAsync(tries, spread).ConfigureAwait(false))
                throw new StoreUnavailableException(
                    $"What was removed of stream {removal.Stream} in {_account.Name} is changed by other processes all "
                    + "the time, or cannot be read. Try again.");
        }
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
        var page = await store.Blobs.ListAsync(prefix, null, BlobsMax, cancellationToken).ConfigureAwait(false);
        var hash = RowKeys.HashOf(removal.Stream);
        var kept = SnapshotsRow.Read(hash, await _account.FindAsync(
            RowKeys.PartitionOf(partition), RowKeys.OfSnapshots(hash), cancellationToken).ConfigureAwait(false));
        foreach (var blob in page?.Values ?? [])
        {
            if (BlobName.Parse(blob.Name)?.Number < removal.Position
                && !kept.Kept.Any(one => one.Blob == blob.Name))
                await store.DeleteBlobAsync(blob.Name).ConfigureAwait(false);
        }
    }
}
