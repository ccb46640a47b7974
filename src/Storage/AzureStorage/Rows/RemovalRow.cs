using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>What a clearing or a truncation has removed and is not scrubbed.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Generation">The generation of its events.</param>
/// <param name="Position">Its events before this position are removed.</param>
/// <param name="From">The first version that is to be scrubbed.</param>
/// <param name="Before">The version after the last one that is.</param>
internal sealed record RemovalRow(StreamName Stream, int Generation, long Position, long From, long Before)
{
    private const string GenerationName = "Generation", PositionName = "Position", FromName = "From",
        BeforeName = "Before", UnusedName = "Unused", WriteName = "Write";

    private const char Separator = '\n';

    /// <summary>The blobs that nothing uses any more and that are not deleted yet.</summary>
    public IReadOnlyList<string> Unused { get; init; } = [];

    /// <summary>The id of what has written it last.</summary>
    public Guid Write { get; init; }

    /// <summary>Whether all of its events are without content.</summary>
    public bool IsScrubbed => From >= Before;

    public ETag ETag { get; init; }

    public static RemovalRow Read(TableEntity row) => new(
        RowKeys.NameOf(row.Checked().GetBinary(HeadRow.NameName)), row.GetInt32(GenerationName)!.Value,
        row.GetInt64(PositionName)!.Value, row.GetInt64(FromName)!.Value, row.GetInt64(BeforeName)!.Value)
    {
        ETag = row.ETag,
        Write = row.GetGuid(WriteName) ?? default,
        Unused = row.GetString(UnusedName)?.Split(Separator, StringSplitOptions.RemoveEmptyEntries) ?? [],
    };

    public TableEntity ToEntity(LogPartition partition) =>
        new TableEntity(RowKeys.PartitionOf(partition), RowKeys.OfRemoval(Position))
        {
            [HeadRow.NameName] = RowKeys.Bytes(Stream),
            [GenerationName] = Generation,
            [PositionName] = Position,
            [FromName] = From,
            [BeforeName] = Before,
            [WriteName] = Write,
            [UnusedName] = string.Join(Separator, Unused),
        }.WithSum();
}
