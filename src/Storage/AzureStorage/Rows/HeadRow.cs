using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>Where a stream begins and ends. It is written by transactions that replace the tail.</summary>
internal sealed record HeadRow(StreamName Stream, string Hash)
{
    /// <summary>The property that has the name.</summary>
    public const string NameName = "Name";

    private const string GenerationName = "Generation", VersionName = "Version", PositionName = "Position",
        ClearedName = "Cleared", CreatedName = "Created", UpdatedName = "Updated", FirstName = "First",
        FirstPositionName = "FirstPosition";

    /// <summary>How often it was cleared.</summary>
    public int Generation { get; init; }

    public long Version { get; init; }

    /// <summary>The position of its last event, or of its last clearing, or 0.</summary>
    public long Position { get; init; }

    /// <summary>The position of its last clearing; 0 where there was none.</summary>
    public long Cleared { get; init; }

    public long Created { get; init; }

    public long Updated { get; init; }

    /// <summary>The version of its first event that is there; 1 where it has none.</summary>
    public long First { get; init; } = 1;

    /// <summary>The position of that event where the stream was truncated; else 0.</summary>
    public long FirstPosition { get; init; }

    /// <summary>The first position that a snapshot may be of.</summary>
    public long SnapshotsFrom => FirstPosition > 0 ? FirstPosition : Cleared > 0 ? Cleared + 1 : 0;

    public static HeadRow Absent(StreamName stream) => new(stream, RowKeys.HashOf(stream));

    public static HeadRow Read(TableEntity row)
    {
        var name = row.Checked().GetBinary(NameName);
        return new HeadRow(RowKeys.NameOf(name), RowKeys.HashOf(name))
        {
            Generation = row.GetInt32(GenerationName)!.Value,
            Version = row.GetInt64(VersionName)!.Value,
            Position = row.GetInt64(PositionName)!.Value,
            Cleared = row.GetInt64(ClearedName)!.Value,
            Created = row.GetInt64(CreatedName)!.Value,
            Updated = row.GetInt64(UpdatedName)!.Value,
            First = row.GetInt64(FirstName)!.Value,
            FirstPosition = row.GetInt64(FirstPositionName)!.Value,
        };
    }

    public TableEntity ToEntity(LogPartition partition) =>
        new TableEntity(RowKeys.PartitionOf(partition), RowKeys.OfHead(Hash))
        {
            [NameName] = RowKeys.Bytes(Stream),
            [GenerationName] = Generation,
            [VersionName] = Version,
            [PositionName] = Position,
            [ClearedName] = Cleared,
            [CreatedName] = Created,
            [UpdatedName] = Updated,
            [FirstName] = First,
            [FirstPositionName] = FirstPosition,
        }.WithSum();

    public StreamHead ToStreamHead(LogPartition partition) => Version == 0
        ? new StreamHead(Stream, StreamVersion.Zero, new(partition, new(Position)), null, null)
        : new StreamHead(
            Stream, new(Version), new(partition, new(Position)), Instants.Of(Created), Instants.Of(Updated),
            new(First));
}
