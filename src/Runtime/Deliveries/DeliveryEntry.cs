using System.Globalization;
using System.Text.Json;

namespace Granary.Runtime;

/// <summary>An event that is to be handed out, or is, and what became of it so far.</summary>
internal sealed class DeliveryEntry
{
    private static readonly TimeSpan BackOffMax = TimeSpan.FromMinutes(5);

    private readonly string _reader;
    private (string? Lease, DateTimeOffset Until) _before;

    /// <summary>The entry of an event, as it is stored.</summary>
    /// <param name="reader">The subscription.</param>
    /// <param name="recorded">The event; its content is read again when it is handed out.</param>
    /// <param name="row">Its row; null where it was not handed out yet.</param>
    /// <param name="isReplay">Whether it is of a parked stream that is replayed.</param>
    public DeliveryEntry(string reader, RecordedEvent recorded, ModelRow? row = null, bool isReplay = false)
    {
        (_reader, Event, Row, IsReplay) = (reader, WithoutContent(recorded), row, isReplay);
        if (row is null) return;
        var stored = Parse(row);
        (State, Tries, Lease) = (stored.State, stored.Tries, stored.Lease);
        (Until, Reason) = (stored.Until, stored.Reason);
    }

    /// <summary>The event, without its content.</summary>
    public RecordedEvent Event { get; }

    public bool IsReplay { get; }

    public StreamName Stream => Event.Stream;

    public GlobalPosition Position => Event.Position.Position;

    public DeliveryState State { get; private set; }

    public int Tries { get; private set; }

    /// <summary>Its last lease; null where it had none.</summary>
    public string? Lease { get; private set; }

    /// <summary>When its lease ends, or when it may be handed out again.</summary>
    public DateTimeOffset Until { get; private set; }

    /// <summary>Why it was refused the last time.</summary>
    public string? Reason { get; private set; }

    /// <summary>Its row as it is stored; null where it has none.</summary>
    public ModelRow? Row { get; private set; }

    /// <summary>
    /// The key of its row. A replayed event has another one than the same event before it was parked.
    /// </summary>
    public string Key => string.Create(
        CultureInfo.InvariantCulture,
        $"{_reader}/{Event.Position.Partition.Value}/{Position.Value}{(IsReplay ? "/replay" : "")}");

    /// <summary>What a row says.</summary>
    /// <exception cref="StoreCorruptException">It cannot be read.</exception>
    public static DeliveryDocument Parse(ModelRow row) =>
        JsonSerializer.Deserialize(row.Document.Span, DeliveryJson.Default.DeliveryDocument)
        ?? throw new StoreCorruptException($"The delivery '{row.Key}' has no document.");

    /// <summary>A consumer has it from now on.</summary>
    public Delivery LeaseTo(RecordedEvent whole, string lease, DateTimeOffset until)
    {
        _before = (Lease, Until);
        (State, Tries, Lease, Until) = (DeliveryState.Leased, Tries + 1, lease, until);
        return new Delivery { Lease = lease, Until = until, Try = Tries, Event = whole };
    }

    /// <summary>Nobody got it: that was no try, and the lease before can be answered as before.</summary>
    public void PutBack() =>
        (State, Tries, Lease, Until) = (DeliveryState.Waiting, Tries - 1, _before.Lease, _before.Until);

    /// <summary>A row of before is its own.</summary>
    public void Adopt(ModelRow row) => Row = row;

    /// <summary>It was acknowledged.</summary>
    public void Complete() => State = DeliveryState.Done;

    /// <summary>It waits to be handed out again; its lease can still be answered until then.</summary>
    public void WaitUntil(DateTimeOffset until, string? reason) =>
        (State, Until, Reason) = (DeliveryState.Waiting, until, reason);

    /// <summary>It was refused: a lease of it that is answered now is none any more.</summary>
    public void EndLease() => Lease = null;

    /// <summary>How long it waits after it was refused.</summary>
    public TimeSpan BackOff(TimeSpan first)
    {
        var longest = first > BackOffMax ? first : BackOffMax;
        var ticks = first.Ticks * Math.Pow(2, Math.Max(0, Tries - 1));
        return ticks < longest.Ticks ? TimeSpan.FromTicks((long)ticks) : longest;
    }

    /// <summary>The change that stores it.</summary>
    public ModelWrite ToPut()
    {
        var document = new DeliveryDocument(
            Position.Value, State, Tries, Lease, Until, Reason, IsReplay ? Stream.ToString() : null);
        return ModelWrite.Put(
            DeliveryTables.Deliveries,
            Key,
            Row,
            JsonSerializer.SerializeToUtf8Bytes(document, DeliveryJson.Default.DeliveryDocument),
            [_reader, (long)Event.Position.Partition.Value],
            Event.Position);
    }

    /// <summary>It is stored as a commit has written it.</summary>
    public void OnStored(ModelWrite put, long revision) =>
        Row = new ModelRow(put.Key, put.Document!.Value, put.Position, revision);

    private static RecordedEvent WithoutContent(RecordedEvent recorded) => new()
    {
        Stream = recorded.Stream,
        Version = recorded.Version,
        Position = recorded.Position,
        Id = recorded.Id,
        AppendId = recorded.AppendId,
        Type = recorded.Type,
        SchemaVersion = recorded.SchemaVersion,
        Timestamp = recorded.Timestamp,
        ContentType = recorded.ContentType,
        Payload = default,
        Metadata = EventMetadata.Empty,
    };
}
