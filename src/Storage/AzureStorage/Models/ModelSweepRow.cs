using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>How far a pass over the rows of models has come.</summary>
internal sealed record ModelSweepRow
{
    /// <summary>The key of the row.</summary>
    public const string TablePartition = "store", Key = "sweep-models";

    private const string RunsName = "Runs", ThroughName = "Through", PartitionName = "Partition",
        RowKeyName = "After";

    /// <summary>Whether a pass has begun and not ended.</summary>
    public bool Runs { get; init; }

    /// <summary>
    /// The decisions up to here, by the service's clock, are deleted in the end; null where there are none.
    /// </summary>
    public DateTimeOffset? Through { get; init; }

    /// <summary>The partition that it is in, or after.</summary>
    public string Partition { get; init; } = "";

    /// <summary>The last row of the partition that was looked at; empty where the partition is done.</summary>
    public string After { get; init; } = "";

    /// <summary>When the row was written, by the service's clock.</summary>
    public DateTimeOffset? Written { get; init; }

    private ETag ETag { get; init; }

    public static ModelSweepRow Read(TableEntity? row) => row is null ? new() : new()
    {
        Runs = row.GetBoolean(RunsName)!.Value,
        Through = row.GetInt64(ThroughName) is { } through ? Instants.Of(through) : null,
        Partition = row.GetString(PartitionName),
        After = row.GetString(RowKeyName),
        Written = row.Timestamp,
        ETag = row.ETag,
    };

    /// <summary>The action that makes the row so, where it is as it was read.</summary>
    public TableTransactionAction ToAction()
    {
        var row = new TableEntity(TablePartition, Key)
        {
            [RunsName] = Runs,
            [ThroughName] = Through?.UtcTicks,
            [PartitionName] = Partition,
            [RowKeyName] = After,
        };
        return ETag == default
            ? new(TableTransactionActionType.Add, row)
            : new(TableTransactionActionType.UpdateReplace, row, ETag);
    }
}
