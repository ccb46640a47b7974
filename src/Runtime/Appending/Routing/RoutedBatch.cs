namespace Granary.Runtime;

/// <summary>
/// Appends on the way to the silo that commits them. Payloads are not copied: when the sender waits no longer they may
/// change, and the epoch in which they could be committed is over.
/// </summary>
[GenerateSerializer, Immutable, Alias("granary.RoutedBatch")]
internal sealed record RoutedBatch(
    [property: Id(0)] LogPartition Partition,
    [property: Id(1)] long Epoch,
    [property: Id(2)] RoutedAppend[] Appends,
    [property: Id(3)] Guid StoreId)
{
    public static RoutedBatch Of(AppendBatch batch, long epoch, Guid storeId)
    {
        var appends = new RoutedAppend[batch.Appends.Count];
        for (var at = 0; at < appends.Length; at++) appends[at] = RoutedAppend.Of(batch.Appends[at]);
        return new RoutedBatch(batch.Partition, epoch, appends, storeId);
    }
}

/// <summary>An <see cref="Append"/> on the way; it clears the stream where it has no events.</summary>
[GenerateSerializer, Immutable, Alias("granary.RoutedAppend")]
internal readonly record struct RoutedAppend(
    [property: Id(0)] StreamName Stream,
    [property: Id(1)] ExpectedVersion Expected,
    [property: Id(2)] AppendId AppendId,
    [property: Id(3)] RoutedEvent[] Events,
    [property: Id(4)] DateTimeOffset? RecordedAt = null)
{
    public static RoutedAppend Of(Append append)
    {
        var events = append.ClearsStream ? [] : new RoutedEvent[append.Events.Count];
        for (var at = 0; at < events.Length; at++) events[at] = RoutedEvent.Of(append.Events[at]);
        return new RoutedAppend(append.Stream, append.Expected, append.Id, events, append.RecordedAt);
    }

    public Append ToAppend() => Events.Length == 0
        ? Append.Clear(Stream, Expected, AppendId, RecordedAt)
        : new Append(Stream, Expected, AppendId, Array.ConvertAll(Events, static one => one.ToEvent()))
        {
            RecordedAt = RecordedAt,
        };
}

/// <summary>A <see cref="NewEvent"/> on the way.</summary>
[GenerateSerializer, Immutable, Alias("granary.RoutedEvent")]
internal readonly record struct RoutedEvent(
    [property: Id(0)] Guid EventId,
    [property: Id(1)] string Type,
    [property: Id(2)] int SchemaVersion,
    [property: Id(3)] string ContentType,
    [property: Id(4)] ReadOnlyMemory<byte> Payload,
    [property: Id(5)] ReadOnlyMemory<byte> Metadata)
{
    public static RoutedEvent Of(NewEvent one) => new(
        one.Id, one.Type, one.SchemaVersion, one.ContentType, one.Payload,
        one.Metadata == EventMetadata.Empty ? default : one.Metadata.Utf8);

    public NewEvent ToEvent() => new(EventId, Type, Payload)
    {
        SchemaVersion = SchemaVersion,
        ContentType = ContentType,
        Metadata = EventMetadata.FromUtf8(Metadata),
    };
}
