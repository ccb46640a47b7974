using Granary.Contracts;
using Granary.Runtime;

namespace Granary.Grains;

/// <summary>Stores a stream's events as they came: their own type names, their own JSON, nothing around it.</summary>
internal sealed class StreamEventCodec(TimeProvider time) : IEventCodec<StreamEvent>
{
    public NewEvent Encode(StreamEvent @event, EventMetadata metadata)
    {
        if (EventTypes.IsReserved(@event.Type))
            throw new EventNotEncodableException(@event.Type,
                $"names that begin with {EventTypes.Prefix} are Granary's own.");
        if (@event.Metadata?.Keys.FirstOrDefault(IsReserved) is { } name)
            throw new EventNotEncodableException(
                @event.Type,
                    $"metadata names that begin with {MetadataNames.ReservedPrefix} are Granary's own: {name}.");
        return new NewEvent(@event.Id ?? Uuid7.New(time), @event.Type, @event.Data)
        {
            Metadata = @event.Metadata is { Count: > 0 } own ? metadata.With(own) : metadata,
        };
    }

    public void Decode(RecordedEvent recorded, ICollection<StreamEvent> into)
    {
        if (recorded.IsTombstone || recorded.Type == EventTypes.CommandAnswered) return;
        into.Add(new StreamEvent(
            recorded.Type,
            recorded.Payload.IsEmpty ? null : recorded.Payload.ToArray(),
            recorded.Id,
            recorded.Metadata.Pairs));
    }

    private static bool IsReserved(string name) =>
        name.StartsWith(MetadataNames.ReservedPrefix, StringComparison.Ordinal);
}
