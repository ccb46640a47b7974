using System.Collections.Concurrent;
using System.Text;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// The checkpoints of readers. Those of a reader are in a partition of the table of their own, beside the decisions of
/// its commits; a list has the names of all readers that ever had one.
/// </summary>
internal sealed class ModelCheckpoints(AzureEventStore store)
{
    private const string NameName = "Name";

    private readonly AzureAccount _account = store.Account;

    // Names are few: those of projections, reactors and subscriptions.
    private readonly ConcurrentDictionary<string, bool> _listed = new(StringComparer.Ordinal);

    public async Task<ModelCheckpointRow> FindAsync(
        string name, LogPartition partition, CancellationToken cancellationToken) =>
        await _account.FindAsync(ModelKeys.ReaderOf(name), ModelKeys.CheckpointOf(partition), cancellationToken)
            .ConfigureAwait(false) is { } row
            ? ModelCheckpointRow.Read(row) : new ModelCheckpointRow(name, partition);

    public async Task<IReadOnlyList<ModelCheckpoint>> ReadAllAsync(CancellationToken cancellationToken)
    {
        var names = await new TableRange(ModelKeys.Readers, "", ModelKeys.End).ReadAllAsync(
            _account, static row => Encoding.UTF8.GetString(row.Checked().GetBinary(NameName)), cancellationToken)
            .ConfigureAwait(false);
        var found = new ConcurrentBag<ModelCheckpoint>();
        await AzureAccount.ForEachAsync(
            names,
            async (name, token) =>
            {
                foreach (var one in await ReadRowsAsync(name, token).ConfigureAwait(false))
                {
                    if (one.Checkpoint is { } checkpoint) found.Add(checkpoint);
                }
            },
            cancellationToken).ConfigureAwait(false);
        return [.. found];
    }

    /// <summary>Lists a reader, before its first checkpoint is written. Its name stays in the list.</summary>
    public async Task ListAsync(string name, CancellationToken cancellationToken)
    {
        if (_listed.ContainsKey(name)) return;
        var row = new TableEntity(ModelKeys.Readers, ModelKeys.HashOf(name))
        {
            [NameName] = Encoding.UTF8.GetBytes(name),
        }.WithSum();
        await _account.CallAsync(
            token => _account.Table.UpsertEntityAsync(row, TableUpdateMode.Replace, token), cancellationToken)
            .ConfigureAwait(false);
        _listed[name] = true;
    }

    /// <summary>
    /// Deletes a reader's checkpoints. A row without a checkpoint stays for every partition of the log: a request that
    /// lands late finds another row than it was made for, be it an insert or the deletion itself.
    /// </summary>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        if (await _account.FindAsync(ModelKeys.Readers, ModelKeys.HashOf(name), cancellationToken)
            .ConfigureAwait(false) is null) return;
        var there = await ReadRowsAsync(name, cancellationToken).ConfigureAwait(false);
        await AzureAccount.ForEachAsync(
            [.. Enumerable.Range(0, store.PartitionCount).Union(there.Select(static one => one.Partition.Value))],
            async (at, token) => await DeleteAsync(name, new LogPartition(at), token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether a checkpoint is still as it was read.</summary>
    public async Task<bool> IsAsReadAsync(ModelCheckpointRow read, CancellationToken cancellationToken) =>
        (await FindAsync(read.Name, read.Partition, cancellationToken).ConfigureAwait(false)).ETag == read.ETag;

    /// <summary>Moves a checkpoint that no rows belong to.</summary>
    /// <returns>Whether it is done; false where it is not as it was read.</returns>
    public async Task<bool> TryMoveAsync(ModelCheckpointRow moved)
    {
        try
        {
            if (await _account.TryTransactAsync([moved.ToAction()], CancellationToken.None).ConfigureAwait(false))
                return true;
        }
        catch (GranaryException)
        {
            if (await TryFenceAsync(moved).ConfigureAwait(false)) return true;
            throw;
        }

        // A request that was sent twice is refused where it had landed.
        var now = await FindAsync(moved.Name, moved.Partition, CancellationToken.None).ConfigureAwait(false);
        return IsDone(moved, now);
    }

    private async Task DeleteAsync(string name, LogPartition partition, CancellationToken cancellationToken)
    {
        var budget = _account.StartBudget();
        for (var tries = 1; ; tries++)
        {
            var there = await FindAsync(name, partition, cancellationToken).ConfigureAwait(false);
            if (await _account.TryTransactAsync(
                [(there with { Checkpoint = null }).ToAction()], cancellationToken).ConfigureAwait(false)) return;
            if (!await budget.WaitForTurnAsync(tries, store.Spread).ConfigureAwait(false))
                throw new StoreUnavailableException(
                    $"{_account.Name}: the checkpoint of '{name}' in partition {partition} was moved {tries} times "
                    + "meanwhile. End its readers, and try again.");
        }
    }

    // It got no answer. The row is written as it is, so that the request finds another one from now on.
    private async Task<bool> TryFenceAsync(ModelCheckpointRow moved)
    {
        try
        {
            while (true)
            {
                var there = await FindAsync(moved.Name, moved.Partition, CancellationToken.None).ConfigureAwait(false);
                if (IsDone(moved, there)) return true;
                if (there.ETag != moved.ETag || await _account.TryTransactAsync(
                    [there.ToAction()], CancellationToken.None).ConfigureAwait(false)) return false;
            }
        }
        catch (GranaryException fault)
        {
            store.Logger.ModelsNotResolved(fault, _account.Name);
            return false;
        }
    }

    private static bool IsDone(ModelCheckpointRow moved, ModelCheckpointRow there) =>
        there.Checkpoint?.CommitId == moved.Checkpoint!.CommitId;

    private Task<List<ModelCheckpointRow>> ReadRowsAsync(string name, CancellationToken cancellationToken) =>
        new TableRange(ModelKeys.ReaderOf(name), "c", "c~")
            .ReadAllAsync(_account, ModelCheckpointRow.Read, cancellationToken);
}
