using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// Checkpoints in a partition of the table of their own. The row of one that is deleted stays, at position 0 in epoch
/// 0: a request that lands late finds another row than it was made for, be it an insert or the deletion itself.
/// </summary>
public sealed class AzureCheckpointStore : ICheckpointStore
{
    private const string Partition = "checkpoints";
    private const string NameName = "Name", NumberName = "Partition", PositionName = "Position", EpochName = "Epoch";

    private readonly AzureEventStore _store;
    private readonly AzureAccount _account;

    /// <summary>Keeps checkpoints beside the events of a store.</summary>
    /// <param name="store">The store.</param>
    public AzureCheckpointStore(AzureEventStore store) => (_store, _account) = (store, store.Account);

    /// <inheritdoc />
    public async ValueTask<Checkpoint?> ReadAsync(
        string name, LogPartition partition, CancellationToken cancellationToken) =>
        await _account.FindAsync(Partition, KeyOf(name, partition), cancellationToken).ConfigureAwait(false)
            is { } row && IsThere(row) ? Read(row) : null;

    /// <inheritdoc />
    public async ValueTask<bool> AdvanceAsync(CheckpointAdvance advance, CancellationToken cancellationToken)
    {
        var key = KeyOf(advance.Name, advance.Partition);
        while (true)
        {
            var row = await _account.FindAsync(Partition, key, cancellationToken).ConfigureAwait(false);
            var (position, epoch) = row is null ? (GlobalPosition.Zero, 0) : (Read(row).Position, Read(row).Epoch);
            if (advance.IsDoneAt(position, epoch)) return true;
            if (!advance.IsAllowedAt(position, epoch)) return false;
            var moved = new Checkpoint(advance.Name, advance.Partition, advance.To, advance.Epoch);
            if (await TryWriteAsync(moved, row, cancellationToken).ConfigureAwait(false)) return true;
        }
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<Checkpoint>> ReadAllAsync(CancellationToken cancellationToken)
    {
        var rows = await new TableRange(Partition, "", "~")
            .ReadAllAsync(_account, static row => row, cancellationToken).ConfigureAwait(false);
        return [.. rows.Where(IsThere).Select(Read)];
    }

    /// <inheritdoc />
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        // A row of position 0 stays for every partition: a request that lands late finds another row than it was made
        // for, be it a move or the deletion itself.
        // The keys of a name have the same beginning, and digits after it.
        var first = KeyOf(name, default);
        var there = await new TableRange(Partition, first[..^1], KeyOf(name, new(99_999)))
            .ReadAllAsync(_account, static row => Read(row).Partition.Value, cancellationToken).ConfigureAwait(false);
        await AzureAccount.ForEachAsync(
            [.. Enumerable.Range(0, _store.PartitionCount).Union(there)],
            async (at, token) =>
                await DeleteAsync(new Checkpoint(name, new(at), GlobalPosition.Zero, 0), token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task DeleteAsync(Checkpoint deleted, CancellationToken cancellationToken)
    {
        var budget = _account.StartBudget();
        for (var tries = 1; ; tries++)
        {
            var there = await _account.FindAsync(
                Partition, KeyOf(deleted.Name, deleted.Partition), cancellationToken).ConfigureAwait(false);
            if (await TryWriteAsync(deleted, there, cancellationToken).ConfigureAwait(false)) return;
            if (!await budget.WaitForTurnAsync(tries, _store.Spread).ConfigureAwait(false))
                throw new StoreUnavailableException(
                    $"{_account.Name}: the checkpoint '{deleted.Name}' in partition {deleted.Partition} was moved "
                    + $"{tries} times meanwhile. End who moves it, and try again.");
        }
    }

    private async Task<bool> TryWriteAsync(
        Checkpoint moved, TableEntity? read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var row = new TableEntity(Partition, KeyOf(moved.Name, moved.Partition))
        {
            [NameName] = System.Text.Encoding.UTF8.GetBytes(moved.Name),
            [NumberName] = moved.Partition.Value,
            [PositionName] = moved.Position.Value,
            [EpochName] = moved.Epoch,
        }.WithSum();
        try
        {
            // What is sent is not cancelled: it may have landed.
            await _account.CallAsync(
                token => read is null
                    ? _account.Table.AddEntityAsync(row, token)
                    : _account.Table.UpdateEntityAsync(row, read.ETag, TableUpdateMode.Replace, token),
                CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException fault) when (AzureErrors.IsRefused(fault) || AzureErrors.IsAbsent(fault))
        {
            return false;
        }
    }

    // A move to position 0 in epoch 0 writes nothing: what has no row stands there.
    private static bool IsThere(TableEntity row) => Read(row) is not { Position.Value: 0, Epoch: 0 };

    private static Checkpoint Read(TableEntity row) => new(
        System.Text.Encoding.UTF8.GetString(row.Checked().GetBinary(NameName)), new(row.GetInt32(NumberName)!.Value),
        new(row.GetInt64(PositionName)!.Value), row.GetInt64(EpochName)!.Value);

    private static string KeyOf(string name, LogPartition partition) =>
        $"{RowKeys.HashOf(System.Text.Encoding.UTF8.GetBytes(name))}-{partition.Value:D5}";
}
