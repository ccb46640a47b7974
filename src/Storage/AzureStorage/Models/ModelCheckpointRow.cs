using System.Text;
using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>The checkpoint of a reader in a partition of the log.</summary>
/// <param name="Name">The reader.</param>
/// <param name="Partition">The partition of the log.</param>
internal sealed record ModelCheckpointRow(string Name, LogPartition Partition)
{
    private const string NameName = "Name", NumberName = "Number", PositionName = "Position", EpochName = "Epoch";
    private const string StoreName = "Store", EventName = "Event", CommitName = "Commit";

    /// <summary>The checkpoint; null where it was never moved, or was deleted.</summary>
    public ModelCheckpoint? Checkpoint { get; init; }

    /// <summary>The row as it was read; the default where there is none.</summary>
    public ETag ETag { get; init; }

    public static ModelCheckpointRow Read(TableEntity row)
    {
        var (name, partition) = (
            Encoding.UTF8.GetString(row.GetBinary(NameName)), new LogPartition(row.GetInt32(NumberName)!.Value));
        var commit = row.GetInt64(CommitName)!.Value;
        return new ModelCheckpointRow(name, partition)
        {
            ETag = row.ETag,
            Checkpoint = commit == 0 ? null : new ModelCheckpoint(
                name, partition, new(row.GetInt64(PositionName)!.Value), row.GetInt64(EpochName)!.Value,
                row.GetGuid(StoreName)!.Value, row.GetGuid(EventName)!.Value, commit),
        };
    }

    public bool Allows(CheckpointAdvance move) =>
        move.IsAllowedAt(Checkpoint?.Position ?? GlobalPosition.Zero, Checkpoint?.Epoch ?? 0);

    public ModelCheckpointRow With(ModelAdvance advance, long commit) => this with
    {
        Checkpoint = new ModelCheckpoint(
            Name, Partition, advance.Move.To, advance.Move.Epoch, advance.StoreId, advance.EventId, commit),
    };

    /// <summary>The action that makes the row so, where it is as it was read.</summary>
    public TableTransactionAction ToAction() => ETag == default
        ? new(TableTransactionActionType.Add, ToEntity())
        : new(TableTransactionActionType.UpdateReplace, ToEntity(), ETag);

    public TableEntity ToEntity() => new(ModelKeys.ReaderOf(Name), ModelKeys.CheckpointOf(Partition))
    {
        [NameName] = Encoding.UTF8.GetBytes(Name),
        [NumberName] = Partition.Value,
        [PositionName] = Checkpoint?.Position.Value ?? 0,
        [EpochName] = Checkpoint?.Epoch ?? 0,
        [StoreName] = Checkpoint?.StoreId ?? default,
        [EventName] = Checkpoint?.EventId ?? default,
        [CommitName] = Checkpoint?.CommitId ?? 0,
    };
}
