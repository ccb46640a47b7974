using System.Text;
using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>Checkpoints in a partition of the table of their own.</summary>
public sealed class AzureCheckpointStore : ICheckpointStore
{
    private const string Partition = "checkpoints";
    private const string NameName = "Name", NumberName = "Partition", PositionName = "Position", EpochName = "Epoch";

    private readonly AzureAccount _account;
    private readonly int _partitionCount;

    /// <summary>Keeps checkpoints beside the events of a store.</summary>
    /// <param name="store">The store.</param>
    public AzureCheckpointStore(AzureEventStore store) =>
        (_account, _partitionCount) = (store.Account, store.PartitionCount);

    /// <inheritdoc />
    public async ValueTask<Checkpoint?> ReadAsync(
        string name, LogPartition partition, CancellationToken cancellationToken) =>
        await _account.FindAsync(Partition, KeyOf(name, partition), cancellationToken).ConfigureAwait(false)
            is { } row ? Read(row) : null;

    /// <inheritdoc />
    public async ValueTask<bool> AdvanceAsync(CheckpointAdvance advance, CancellationToken cancellationToken)
    {
        var key = KeyOf(advance.Name, advance.Partition);
        while (true)
        {
            var row = await _account.FindAsync(Partition, key, cancellationToken).ConfigureAwait(false);
            var there = row is null ? null : Read(row);
            var (position, epoch) = (there?.Position ?? GlobalPosition.Zero, there?.Epoch ?? 0);
            if (advance.IsDoneAt(position, epoch)) return true;
            if (!advance.IsAllowedAt(position, epoch)) return false;
            var moved = ToEntity(advance.Name, advance.Partition);
            (moved[PositionName], moved[EpochName]) = (advance.To.Value, advance.Epoch);
            if (await TryWriteAsync(moved, row, cancellationToken).ConfigureAwait(false)) return true;
        }
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<Checkpoint>> ReadAllAsync(CancellationToken cancellationToken) =>
        [
            .. (await new TableRange(Partition, "", "~").ReadAllAsync(_account, Read, cancellationToken)
                .ConfigureAwait(false)).OfType<Checkpoint>(),
        ];

    /// <inheritdoc />
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        // A row without a position stays in every partition: a move that was sent before finds another row than it
        // read,
        // whenever it arrives.
        await _account.PutAsync(
            Enumerable.Range(0, _partitionCount).Select(at => ToEntity(name, new(at))), cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<bool> TryWriteAsync(
        TableEntity moved, TableEntity? read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // What is sent is not cancelled: it may have landed.
            await _account.CallAsync(
                token => read is null
                    ? _account.Table.AddEntityAsync(moved, token)
                    : _account.Table.UpdateEntityAsync(moved, read.ETag, TableUpdateMode.Replace, token),
                CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException fault) when (AzureErrors.IsRefused(fault) || AzureErrors.IsAbsent(fault))
        {
            return false;
        }
    }

    // Null where it was deleted.
    private static Checkpoint? Read(TableEntity row) => row.GetInt64(PositionName) is { } position
        ? new(
            Encoding.UTF8.GetString(row.GetBinary(NameName)), new(row.GetInt32(NumberName)!.Value), new(position),
            row.GetInt64(EpochName)!.Value)
        : null;

    private static TableEntity ToEntity(string name, LogPartition partition) => new(Partition, KeyOf(name, partition))
    {
        [NameName] = Encoding.UTF8.GetBytes(name),
        [NumberName] = partition.Value,
    };

    private static string KeyOf(string name, LogPartition partition) =>
        $"{RowKeys.HashOf(Encoding.UTF8.GetBytes(name))}-{partition.Value:D5}";
}
