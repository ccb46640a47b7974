using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// The end of a partition. Each transaction that appends, clears or truncates replaces it where its ETag is the one
/// that was read: that is the fence. What was read since, in any order, is then as it was.
/// </summary>
internal sealed record TailRow(LogPartition Partition, ETag ETag)
{
    private const string EndName = "End", TimeName = "Time", EpochName = "Epoch", RemovalsName = "Removals",
        CommitName = "Commit";

    /// <summary>The position of the last event.</summary>
    public long End { get; init; }

    /// <summary>When that was recorded.</summary>
    public DateTimeOffset Time { get; init; } = DateTimeOffset.MinValue;

    /// <summary>The epoch of the silo that commits for others.</summary>
    public long Epoch { get; init; } = 1;

    /// <summary>How many removals are not scrubbed.</summary>
    public long Removals { get; init; }

    /// <summary>The id of the transaction that wrote it last.</summary>
    public Guid Commit { get; init; }

    public static TailRow Read(LogPartition partition, TableEntity row) => new(partition, row.ETag)
    {
        End = row.GetInt64(EndName)!.Value,
        Time = Instants.Of(row.GetInt64(TimeName)!.Value),
        Epoch = row.GetInt64(EpochName)!.Value,
        Removals = row.GetInt64(RemovalsName)!.Value,
        Commit = row.GetGuid(CommitName)!.Value,
    };

    public TableEntity ToEntity() => new(RowKeys.PartitionOf(Partition), RowKeys.Tail)
    {
        [EndName] = End,
        [TimeName] = Time.Ticks,
        [EpochName] = Epoch,
        [RemovalsName] = Removals,
        [CommitName] = Commit,
    };

    /// <summary>The action that replaces the row that was read.</summary>
    public TableTransactionAction ToReplacement() =>
        new(TableTransactionActionType.UpdateReplace, ToEntity(), ETag);
}
