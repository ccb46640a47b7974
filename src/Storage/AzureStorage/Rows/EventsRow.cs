using Azure;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>The events of one append, by stream: what readers of the stream read.</summary>
internal sealed record EventsRow(AppendKey Append, long CommitLast, StoredSegment Segment)
{
    private const string FirstName = "First", LastName = "Last", PositionName = "Position", TimeName = "Time",
        AppendName = "Append", CommitName = "CommitLast", BlobName = "Blob";

    /// <summary>The properties that say which append it is, without its events.</summary>
    public static readonly string[] KeyNames =
    [
        nameof(TableEntity.PartitionKey), nameof(TableEntity.RowKey), FirstName, LastName, PositionName, TimeName,
        AppendName, CommitName, BlobName, RowSum.Name,
    ];

    public ETag ETag { get; init; }

    public static AppendKey ReadKey(TableEntity row) => new(
        row.Checked().GetInt64(FirstName)!.Value, row.GetInt64(LastName)!.Value, row.GetInt64(PositionName)!.Value,
        row.GetInt64(TimeName)!.Value, row.GetGuid(AppendName)!.Value, row.GetString(BlobName));

    public static EventsRow Read(TableEntity row)
    {
        var key = ReadKey(row);
        return new EventsRow(
            key, row.GetInt64(CommitName)!.Value,
            key.Blob is { } blob ? new StoredSegment(null, blob) : new StoredSegment(row.ReadData(), null))
        {
            ETag = row.ETag,
        };
    }

    public TableEntity ToEntity(LogPartition partition, string hash, int generation)
    {
        var row = new TableEntity(
            RowKeys.PartitionOf(partition), RowKeys.OfEvents(hash, generation, Append.Last))
        {
            [FirstName] = Append.First,
            [LastName] = Append.Last,
            [PositionName] = Append.Position,
            [TimeName] = Append.Time,
            [AppendName] = Append.Id,
            [CommitName] = CommitLast,
        };
        if (Segment.Blob is { } blob) row[BlobName] = blob;
        else row.WriteData(Segment.Bytes!);
        return row.WithSum();
    }
}

/// <summary>Which append it is.</summary>
/// <param name="First">The version of its first event.</param>
/// <param name="Last">The version of its last event.</param>
/// <param name="Position">The position of its first event.</param>
/// <param name="Time">When it was recorded, in ticks.</param>
/// <param name="Id">Its id.</param>
/// <param name="Blob">The blob that has its events; null where they are in the row.</param>
internal sealed record AppendKey(long First, long Last, long Position, long Time, Guid Id, string? Blob)
{
    /// <summary>The position of its last event.</summary>
    public long LastPosition => Position + Last - First;

    /// <summary>Whether events are those of the append.</summary>
    public bool IsOf(Segment events) => events.Position == Position && events.AppendId == Id;

    /// <summary>The answer to a retry.</summary>
    public AppendResult ToAlready(LogPartition partition) => new(
        AppendOutcome.AlreadyAppended, new(Last), new(partition, new(LastPosition)), Instants.Of(Time));
}
