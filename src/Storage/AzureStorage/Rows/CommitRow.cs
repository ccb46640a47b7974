using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>The events of one transaction, in the order of the log: what readers of the log read.</summary>
/// <param name="First">The position of the first event.</param>
/// <param name="Last">The position of the last event.</param>
/// <param name="Commit">The id of the transaction.</param>
/// <param name="Segments">The events, append by append.</param>
internal sealed record CommitRow(long First, long Last, Guid Commit, IReadOnlyList<StoredSegment> Segments)
{
    private const string FirstName = "First", LastName = "Last", CommitName = "Commit";

    public ETag ETag { get; init; }

    public static CommitRow Read(TableEntity row) => new(
        row.Checked().GetInt64(FirstName)!.Value, row.GetInt64(LastName)!.Value, row.GetGuid(CommitName)!.Value,
        StoredSegment.ReadAll(row.ReadData()))
    {
        ETag = row.ETag,
    };

    public TableEntity ToEntity(LogPartition partition)
    {
        var row = new TableEntity(RowKeys.PartitionOf(partition), RowKeys.OfCommit(Last))
        {
            [FirstName] = First,
            [LastName] = Last,
            [CommitName] = Commit,
        };
        row.WriteData(StoredSegment.ToBytes(Segments));
        return row.WithSum();
    }
}
