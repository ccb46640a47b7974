using Granary.Contracts;
using Granary.Runtime;

namespace Granary.Grains;

/// <summary>Stores a stream's events as they came: their own type names, their own JSON, nothing around it.</summary>
/// <remarks>Reserved names, and Granary's own events, are checked around every codec that is registered.</remarks>
internal sealed class StreamEventCodec(TimeProvider time) : IEventCodec<StreamEvent>
{
    public NewEvent Encode(StreamEvent @event, EventMetadata metadata)
    {
        if (@event.Metadata is { Count: > 0 } own) metadata = metadata.With(own);
        return @event.Id is { } id
            ? new NewEvent(id, @event.Type, @event.Data) { Metadata = metadata }
            : new NewEvent(time, @event.Type, @event.Data) { Metadata = metadata };
    }

    public void Decode(RecordedEvent recorded, ICollection<StreamEvent> into) => into.Add(new StreamEvent(
        recorded.Type,
        recorded.Payload.IsEmpty ? null : recorded.Payload.ToArray(),
        recorded.Id,
        recorded.Metadata.Pairs));

    /// <summary>
    /// True: what is folded was decoded here, so no caller has it, and <see cref="StreamReducers"/> gives no reducer
    /// the bytes that it folds.
    /// </summary>
    public bool IsShareable(StreamEvent @event) => true;
}
