using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// Deletes what commits of models leave where their processes end: decisions, and rows of tables that were dropped
/// meanwhile. A pass goes over all partitions that have rows, so many a call, and begins a day after the one before.
/// Where
/// it is is kept in a row: a process that restarts continues there.
/// </summary>
/// <remarks>
/// A decision that a commit counts is needed as long as a row is locked by it. No row is locked by it after it was
/// made,
/// so a pass that begins later and unlocks each row that it finds locked leaves none.
/// </remarks>
internal sealed class ModelSweep
{
    /// <summary>
    /// Younger decisions are left: their commits may be under way. A pass begins so long after another.
    /// </summary>
    public static readonly TimeSpan AgeMin = TimeSpan.FromHours(24);

    // In one call.
    private const int PartitionsMax = 16;
    private const int RowsMax = 10_000;

    private readonly AzureEventStore _store;
    private readonly AzureAccount _account;
    private readonly ModelDecisions _decisions;
    private readonly ModelRows _rows;
    private readonly ModelTables _tables;
    private readonly ModelCheckpoints _checkpoints;

    public ModelSweep(AzureEventStore store)
    {
        (_store, _account) = (store, store.Account);
        _decisions = new ModelDecisions(_account);
        _rows = new ModelRows(_account, store.Blobs, _decisions);
        _tables = new ModelTables(_account, store.Blobs, _rows, _decisions);
        _checkpoints = new ModelCheckpoints(_account, store.PartitionCount);
    }

    /// <summary>Continues the pass, or begins one where the last one is long ago.</summary>
    /// <param name="ageMin">How old decisions have to be, and the last pass.</param>
    /// <param name="cancellationToken">Ends it; the next call continues.</param>
    public async Task SweepAsync(TimeSpan ageMin, CancellationToken cancellationToken)
    {
        var pass = ModelSweepRow.Read(await _account.FindAsync(
            ModelSweepRow.TablePartition, ModelSweepRow.Key, cancellationToken).ConfigureAwait(false));
        var before = _account.Time.GetUtcNow() - ageMin;
        if (!pass.Runs && pass.Written >= before) return;
        var swept = new DecisionSweep(_account, _checkpoints);
        if (!pass.Runs)
        {
            var through = await swept.DeleteEndedAsync(before, cancellationToken).ConfigureAwait(false);
            pass = pass with { Runs = true, Through = through, Partition = ModelKeys.Rows, After = "" };
        }

        var (next, dropped) = await GoOnAsync(pass, cancellationToken).ConfigureAwait(false);
        if (!next.Runs && next.Through is { } last)
            await swept.DeleteCountedAsync(last, cancellationToken).ConfigureAwait(false);
        if (swept.Deleted + dropped > 0) _store.Logger.ModelsSwept(swept.Deleted, dropped, _account.Name);

        // Where that is refused, another process continues the pass.
        await _account.TryTransactAsync([next.ToAction()], cancellationToken).ConfigureAwait(false);
    }

    // Where the pass is then, and how many dropped tables had rows.
    private async Task<(ModelSweepRow Next, int Dropped)> GoOnAsync(
        ModelSweepRow pass, CancellationToken cancellationToken)
    {
        var (found, isLast) = await FindPartitionsAsync(pass, cancellationToken).ConfigureAwait(false);

        // They are read after the rows were found: a table is there before its first row is.
        var there = await _tables.ReadGenerationsAsync(cancellationToken).ConfigureAwait(false);
        var (left, dropped) = (RowsMax, 0);
        foreach (var partition in found)
        {
            var after = partition == pass.Partition ? pass.After : "";
            if (partition != ModelKeys.Tables && !there.Contains(ModelKeys.GenerationOf(partition)))
            {
                await _tables.PurgeAsync(ModelKeys.GenerationOf(partition), cancellationToken).ConfigureAwait(false);
                dropped++;
            }
            else if (pass.Through is not null)
            {
                var (last, count) = await UnlockAsync(partition, after, left, cancellationToken).ConfigureAwait(false);
                if (last.Length > 0) return (pass with { Partition = partition, After = last }, dropped);
                left -= count;
            }

            pass = pass with { Partition = partition, After = "" };
        }

        return (pass with { Runs = !isLast }, dropped);
    }

    // The partition of the tables themselves comes last: their views are rows that commits lock.
    private async Task<(List<string> Found, bool IsLast)> FindPartitionsAsync(
        ModelSweepRow pass, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        if (pass.After.Length > 0) found.Add(pass.Partition);
        for (var last = pass.Partition; found.Count < PartitionsMax; found.Add(last))
        {
            var next = last == ModelKeys.Tables ? null : await FindNextAsync(last, cancellationToken)
                .ConfigureAwait(false);
            if (next is null)
            {
                if (last != ModelKeys.Tables) found.Add(ModelKeys.Tables);
                return (found, true);
            }

            last = next;
        }

        return (found, false);
    }

    private async Task<string?> FindNextAsync(string partition, CancellationToken cancellationToken)
    {
        // A page may be empty, and others follow it.
        var filter = $"PartitionKey gt '{partition}' and PartitionKey lt '{ModelKeys.Rows}{ModelKeys.End}'";
        string? from = null;
        do
        {
            var page = await _account.CallAsync(
                async token =>
                {
                    var pages = _account.Table.QueryAsync<TableEntity>(filter, 1, StoredModel.KeyNames, token)
                        .AsPages(from);
                    await foreach (var one in pages.ConfigureAwait(false)) return one;
                    return null;
                },
                cancellationToken).ConfigureAwait(false);
            if (page is { Values: [var row, ..] }) return row.PartitionKey;
            from = page?.ContinuationToken;
        }
        while (!string.IsNullOrEmpty(from));
        return null;
    }

    // The last row that was looked at where more may follow, else nothing; and how many were looked at.
    private async Task<(string Last, int Count)> UnlockAsync(
        string partition, string after, int rowsMax, CancellationToken cancellationToken)
    {
        var count = 0;
        var decided = new Dictionary<Guid, bool?>();
        var range = new TableRange(partition, after, ModelKeys.End) { Select = StoredModel.KeyNames };
        await foreach (var row in range.ReadAsync(_account, cancellationToken).ConfigureAwait(false))
        {
            if (StoredModel.LockOf(row) is { } held)
            {
                if (!decided.TryGetValue(held.Attempt, out var counts))
                    decided[held.Attempt] = counts = await _decisions.FindAsync(
                        held.DecidedIn, held.Attempt, cancellationToken).ConfigureAwait(false);

                // One that is not decided yet is none of those whose decisions are deleted.
                if (counts is { } committed)
                    await _rows.UnlockAsync(partition, row.RowKey, held.Attempt, committed, cancellationToken)
                        .ConfigureAwait(false);
            }

            if (++count >= rowsMax) return (row.RowKey, count);
        }

        return ("", count);
    }
}
