using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>A clearing of a stream.</summary>
/// <param name="Generation">The generation that it ended.</param>
/// <param name="Version">The last version of that generation.</param>
/// <param name="Position">The position of its marker.</param>
/// <param name="Time">When it was recorded, in ticks.</param>
/// <param name="Id">The id of its append.</param>
internal sealed record ClearingRow(int Generation, long Version, long Position, long Time, Guid Id)
{
    private const string GenerationName = "Generation", VersionName = "Version", PositionName = "Position",
        TimeName = "Time", AppendName = "Append";

    public static ClearingRow Read(TableEntity row) => new(
        row.Checked().GetInt32(GenerationName)!.Value, row.GetInt64(VersionName)!.Value,
        row.GetInt64(PositionName)!.Value, row.GetInt64(TimeName)!.Value, row.GetGuid(AppendName)!.Value);

    public TableEntity ToEntity(LogPartition partition, string hash) =>
        new TableEntity(RowKeys.PartitionOf(partition), RowKeys.OfClearing(hash, Generation))
        {
            [GenerationName] = Generation,
            [VersionName] = Version,
            [PositionName] = Position,
            [TimeName] = Time,
            [AppendName] = Id,
        }.WithSum();
}
