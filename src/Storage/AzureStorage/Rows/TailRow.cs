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

    /// <summary>The property that asks the writers to wait. It is written by itself.</summary>
    public const string PauseName = "Pause";

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

    /// <summary>
    /// How long somebody who needs more than one request has asked the writers to wait, in milliseconds; 0 where nobody
    /// has. It goes with the next transaction.
    /// </summary>
    public int PauseMs { get; init; }

    /// <summary>The row that asks the writers to wait.</summary>
    public static TableEntity Pause(LogPartition partition, int pauseMs) =>
        new(RowKeys.PartitionOf(partition), RowKeys.Tail) { [PauseName] = pauseMs };

    public static TailRow Read(LogPartition partition, TableEntity row) => new(partition, row.Checked().ETag)
    {
        End = row.GetInt64(EndName)!.Value,
        Time = Instants.Of(row.GetInt64(TimeName)!.Value),
        Epoch = row.GetInt64(EpochName)!.Value,
        Removals = row.GetInt64(RemovalsName)!.Value,
        Commit = row.GetGuid(CommitName)!.Value,
        PauseMs = row.TryGetValue(PauseName, out var pause) && pause is int ms ? ms : 0,
    };

    public TableEntity ToEntity() => new TableEntity(RowKeys.PartitionOf(Partition), RowKeys.Tail)
    {
        [EndName] = End,
        [TimeName] = Time.Ticks,
        [EpochName] = Epoch,
        [RemovalsName] = Removals,
        [CommitName] = Commit,
    }.WithSum();

    /// <summary>The action that replaces the row that was read.</summary>
    public TableTransactionAction ToReplacement() =>
        new(TableTransactionActionType.UpdateReplace, ToEntity(), ETag);
}
