namespace Granary.Runtime;

/// <summary>
/// Turns a grain's events into stored ones and back. The open generic default serves every event type; a closed one
/// registered instead serves the grains of that event type. Members are called from many threads at once.
/// </summary>
/// <typeparam name="TEvent">The base type of the grain's events.</typeparam>
public interface IEventCodec<TEvent>
    where TEvent : class
{
    /// <summary>
    /// Encodes an event, as a whole: the object is not read later. Where it has no id of its own,
    /// <see cref="NewEvent"/> makes one. What it returns is decoded at once, which must give one event: that is folded.
    /// </summary>
    /// <exception cref="EventNotEncodableException">The event would not be read back as an equal one.</exception>
    /// <exception cref="LimitExceededException">The event is too large.</exception>
    NewEvent Encode(TEvent @event, EventMetadata metadata);

    /// <summary>
    /// Decodes a stored event into none, one or several events of today, in order: upcasters may drop and split. It
    /// goes by the type, its schema version, the payload and the metadata alone: an event that is just raised is
    /// decoded too, and has no time and no position of its own yet, so that a later replay would fold another one.
    /// </summary>
    /// <exception cref="ReplayFailedException">It cannot be decoded. It is never skipped.</exception>
    void Decode(RecordedEvent recorded, ICollection<TEvent> into);

    /// <summary>
    /// Whether the object cannot be changed, so that one instance may be folded into two states;
    /// where false, the journal folds the confirmed state with an event decoded anew from what was stored.
    /// </summary>
    bool IsShareable(TEvent @event) => false;
}
