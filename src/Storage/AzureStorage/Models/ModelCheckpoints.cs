using System.Collections.Concurrent;
using System.Text;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// The checkpoints of readers. Those of a reader are in a partition of the table of their own, beside the decisions of
/// its commits; a list has the names of all readers that ever had one.
/// </summary>
internal sealed class ModelCheckpoints(AzureAccount account, int partitionCount)
{
    private const string NameName = "Name";

    // Names are few: those of projections, reactors and subscriptions.
    private readonly ConcurrentDictionary<string, bool> _listed = new(StringComparer.Ordinal);

    public async Task<ModelCheckpointRow> FindAsync(
        string name, LogPartition partition, CancellationToken cancellationToken) =>
        await account.FindAsync(ModelKeys.ReaderOf(name), ModelKeys.CheckpointOf(partition), cancellationToken)
            .ConfigureAwait(false) is { } row
            ? ModelCheckpointRow.Read(row) : new ModelCheckpointRow(name, partition);

    public async Task<IReadOnlyList<ModelCheckpoint>> ReadAllAsync(CancellationToken cancellationToken)
    {
        var names = await ReadNamesAsync(cancellationToken).ConfigureAwait(false);
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

    /// <summary>The names of all readers that ever had a checkpoint.</summary>
    public Task<List<string>> ReadNamesAsync(CancellationToken cancellationToken) =>
        new TableRange(ModelKeys.Readers, "", ModelKeys.End).ReadAllAsync(
            account, static row => Encoding.UTF8.GetString(row.GetBinary(NameName)), cancellationToken);

    /// <summary>Lists a reader, before its first checkpoint is written. Its name stays in the list.</summary>
    public async Task ListAsync(string name, CancellationToken cancellationToken)
    {
        if (_listed.ContainsKey(name)) return;
        var row = new TableEntity(ModelKeys.Readers, ModelKeys.HashOf(name))
        {
            [NameName] = Encoding.UTF8.GetBytes(name),
        };
        await account.CallAsync(
            token => account.Table.UpsertEntityAsync(row, TableUpdateMode.Replace, token), cancellationToken)
            .ConfigureAwait(false);
        _listed[name] = true;
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        if (await account.FindAsync(ModelKeys.Readers, ModelKeys.HashOf(name), cancellationToken)
            .ConfigureAwait(false) is null) return;

        // A row without a checkpoint stays in every partition: a move that was sent before finds another row than it
        // read, whenever it arrives.
        await account.PutAsync(
            Partitions.Select(one => new ModelCheckpointRow(name, one).ToEntity()), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Writes all rows of a reader as they are: what was sent with one of them as it was read before is refused,
    /// whenever it arrives.
    /// </summary>
    public Task FenceAsync(string name, CancellationToken cancellationToken) => AzureAccount.ForEachAsync(
        Partitions,
        async (partition, token) =>
        {
            // Where that is refused, another has written it since.
            var there = await FindAsync(name, partition, token).ConfigureAwait(false);
            await account.TryTransactAsync([there.ToAction()], token).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Whether a checkpoint is still as it was read.</summary>
    public async Task<bool> IsAsReadAsync(ModelCheckpointRow read, CancellationToken cancellationToken) =>
        (await FindAsync(read.Name, read.Partition, cancellationToken).ConfigureAwait(false)).ETag == read.ETag;

    /// <summary>Moves a checkpoint that no rows belong to.</summary>
    /// <returns>Whether it is done; false where it is not as it was read.</returns>
    public async Task<bool> TryMoveAsync(ModelCheckpointRow moved, CancellationToken cancellationToken)
    {
        try
        {
            if (await account.TryTransactAsync([moved.ToAction()], cancellationToken).ConfigureAwait(false))
                return true;
        }
        catch (GranaryException)
        {
            if (await FenceAsync(moved, cancellationToken).ConfigureAwait(false)) return true;
            throw;
        }

        // A request that was sent twice is refused where it had landed.
        return await IsDoneAsync(moved, cancellationToken).ConfigureAwait(false);
    }

    // It got no answer. The row is written as it is, so that the request finds another one from now on.
    private async Task<bool> FenceAsync(ModelCheckpointRow moved, CancellationToken cancellationToken)
    {
        while (true)
        {
            var there = await FindAsync(moved.Name, moved.Partition, cancellationToken).ConfigureAwait(false);
            if (there.Checkpoint?.CommitId == moved.Checkpoint!.CommitId) return true;
            if (there.ETag != moved.ETag
                || await account.TryTransactAsync([there.ToAction()], cancellationToken).ConfigureAwait(false))
                return false;
        }
    }

    private async Task<bool> IsDoneAsync(ModelCheckpointRow moved, CancellationToken cancellationToken) =>
        (await FindAsync(moved.Name, moved.Partition, cancellationToken).ConfigureAwait(false))
            .Checkpoint?.CommitId == moved.Checkpoint!.CommitId;

    private LogPartition[] Partitions =>
        [.. Enumerable.Range(0, partitionCount).Select(static at => new LogPartition(at))];

    private Task<List<ModelCheckpointRow>> ReadRowsAsync(string name, CancellationToken cancellationToken) =>
        new TableRange(ModelKeys.ReaderOf(name), "c", "c~")
            .ReadAllAsync(account, ModelCheckpointRow.Read, cancellationToken);
}
