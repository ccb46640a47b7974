using Azure;
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
        var removals = new long[store.PartitionCount];
        await AzureAccount.ForEachAsync(
            [.. Enumerable.Range(0, removals.Length)],
            async (at, token) => removals[at] =
                (await _account.ReadTailAsync(new(at), token).ConfigureAwait(false)).Removals,
            cancellationToken).ConfigureAwait(false);
        var first = Array.FindIndex(removals, static left => left > 0);
        if (first < 0) return false;
        return await ScrubOldestAsync(new(first), eventsMax, cancellationToken).ConfigureAwait(false)
            || Array.FindLastIndex(removals, static left => left > 0) != first;
    }

    // Whether more is left in the partition.
    private async Task<bool> ScrubOldestAsync(
        LogPartition partition, int eventsMax, CancellationToken cancellationToken)
    {
        var budget = _account.StartBudget();
        var range = new TableRange(
            RowKeys.PartitionOf(partition), RowKeys.OfRemoval(0), RowKeys.EndOf(RowKeys.Removal));
        var hasStepped = false;
        var dropped = default(long?);
        for (var tries = 1; ; tries++)
        {
            if (await range.FirstAsync(_account, cancellationToken).ConfigureAwait(false) is not { } row) return false;
            var removal = RemovalRow.Read(row);

            if (hasStepped && removal.Unused.Count == 0) return true;
            if (removal.Unused.Count > 0)
            {
                if (await TryDeleteUnusedAsync(partition, removal, cancellationToken).ConfigureAwait(false))
                {
                    tries = 0;
                    continue;
                }
            }
            else if (removal.IsScrubbed)
            {
                if (dropped != removal.Position)
                    await DropSnapshotsAsync(partition, removal, cancellationToken).ConfigureAwait(false);
                dropped = removal.Position;
                if (await TryEndAsync(partition, removal, tries, cancellationToken).ConfigureAwait(false) is { } left)
                    return left;
            }
            else if (await TryStepAsync(partition, removal, eventsMax, cancellationToken).ConfigureAwait(false)
                is { } isScrubbed)
            {
                tries = 0;
                hasStepped = !isScrubbed;
                continue;
            }

            if (!await budget.WaitForTurnAsync(tries, store.Spread).ConfigureAwait(false))
                throw new StoreUnavailableException(
                    $"What was removed of stream {removal.Stream} in {_account.Name} is changed by other processes all "
                    + "the time, or cannot be read. Try again.");
        }
    }

    // Those that a step has replaced, and those that one has written which then was not: the row is replaced first, so
    // that nothing that is on its way can use them.
    private async Task<bool> TryDeleteUnusedAsync(
        LogPartition partition, RemovalRow removal, CancellationToken cancellationToken)
    {
        if (await TryReplaceAsync(partition, removal, removal.ETag, cancellationToken).ConfigureAwait(false)
            is not { } etag) return false;
        foreach (var blob in removal.Unused)
            await store.Blobs.DeleteAsync(blob, cancellationToken).ConfigureAwait(false);
        return await TryReplaceAsync(partition, removal with { Unused = [] }, etag, cancellationToken)
            .ConfigureAwait(false) is not null;
    }

    private async Task<ETag?> TryReplaceAsync(
        LogPartition partition, RemovalRow removal, ETag etag, CancellationToken cancellationToken)
    {
        var written = removal with { Write = Uuid7.New(_account.Time) };
        if (await _account.TransactAsync(
            [new(TableTransactionActionType.UpdateReplace, written.ToEntity(partition), etag)], cancellationToken)
            .ConfigureAwait(false) is [var landed]) return landed;

        // A request that was sent twice is refused where it had landed.
        var row = await _account.FindAsync(
            RowKeys.PartitionOf(partition), RowKeys.OfRemoval(removal.Position), cancellationToken)
            .ConfigureAwait(false);
        return row is not null && RemovalRow.Read(row).Write == written.Write ? row.ETag : null;
    }

    // Whether no event with content is left; null where the step has not landed.
    private async Task<bool?> TryStepAsync(
        LogPartition partition, RemovalRow removal, int eventsMax, CancellationToken cancellationToken)
    {
        var step = new ScrubStep(partition, removal, eventsMax, _account, store.Blobs);
        if (!await step.TryPrepareAsync(cancellationToken).ConfigureAwait(false)) return null;
        var etag = removal.ETag;
        if (step.Written.Count > 0)
        {
            // Who comes after a process that ends here deletes them.
            var begun = removal with { Unused = [.. step.Written.Select(static one => one.Name)] };
            if (await TryReplaceAsync(partition, begun, etag, cancellationToken).ConfigureAwait(false)
                is not { } next) return null;
            etag = next;
            foreach (var (name, bytes) in step.Written)
                await store.Blobs.WriteAsync(name, bytes, cancellationToken).ConfigureAwait(false);
        }

        var isDone = await _account.TryTransactAsync(step.ToActions(etag), cancellationToken).ConfigureAwait(false);
        if (!isDone)
        {
            await DeleteLeftAsync(partition, removal, etag, step.Written, cancellationToken).ConfigureAwait(false);
            isDone = await IsDoneAsync(partition, removal, step.Next, cancellationToken).ConfigureAwait(false);
        }

        return isDone ? step.Next >= removal.Before : null;
    }

    // The blobs of a step that was refused. While the row of the removal is the one that has their names, the step may
    // land yet. Where another process has replaced the row, nobody else knows of them.
    private async Task DeleteLeftAsync(
        LogPartition partition, RemovalRow removal, ETag etag, IReadOnlyList<(string Name, byte[] Bytes)> written,
        CancellationToken cancellationToken)
    {
        if (written.Count == 0 || (await _account.FindAsync(
                RowKeys.PartitionOf(partition), RowKeys.OfRemoval(removal.Position), cancellationToken)
            .ConfigureAwait(false))?.ETag == etag) return;
        foreach (var (name, _) in written)
            await store.Sweep.DeleteIfUnusedAsync(name, cancellationToken).ConfigureAwait(false);
    }

    // Whether more is left in the partition; null where others have written to it meanwhile.
    private async Task<bool?> TryEndAsync(
        LogPartition partition, RemovalRow removal, int tries, CancellationToken cancellationToken)
    {
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
                    await store.Blobs.DeleteAsync(blob.Name, cancellationToken).ConfigureAwait(false);
            }

            if (page?.ContinuationToken is not { Length: > 0 } next) return;
            from = next;
        }
    }
}
