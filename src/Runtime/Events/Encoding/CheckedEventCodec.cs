namespace Granary.Runtime;

/// <summary>
/// Checks a codec of the application's own. Granary's own events never reach it, and what it encodes cannot pass
/// for one of these.
/// </summary>
internal sealed class CheckedEventCodec<TEvent>(IEventCodec<TEvent> inner) : IEventCodec<TEvent>, IFoldIdentity
    where TEvent : class
{
    public string FoldIdentity => (inner as IFoldIdentity)?.FoldIdentity ?? "";

    public NewEvent Encode(TEvent @event, EventMetadata metadata)
    {
        var encoded = Inner(@event, metadata);
        if (EventTypes.IsReserved(encoded.Type))
            throw new EventNotEncodableException(
                encoded.Type, $"names that begin with {EventTypes.Prefix} are Granary's own.");
        if (!ReferenceEquals(encoded.Metadata, metadata))
            CallerMetadata.ThrowIfReserved(encoded.Metadata.Pairs.Keys, encoded.Type);
        return encoded;
    }

    public void Decode(RecordedEvent recorded, ICollection<TEvent> into)
    {
        if (EventTypes.IsReserved(recorded.Type)) ReservedEvents.ThrowIfUnknown(recorded);
        else DecodeOwn(recorded, into);
    }

    public bool IsShareable(TEvent @event) => inner.IsShareable(@event);

    private NewEvent Inner(TEvent @event, EventMetadata metadata)
    {
        try
        {
            return inner.Encode(@event, metadata) ?? throw new InvalidOperationException("The codec returned null.");
        }
        catch (Exception fault) when (fault is not GranaryException)
        {
            throw new EventNotEncodableException(
                EventTypeNames.ForErrors(@event.GetType()), $"{inner.GetType()} failed: {fault.Message}", fault);
        }
    }

    private void DecodeOwn(RecordedEvent recorded, ICollection<TEvent> into)
    {
        try
        {
            inner.Decode(recorded, into);
        }
        catch (Exception fault) when (fault is not GranaryException)
        {
            throw new ReplayFailedException(recorded, $"{inner.GetType()} failed: {fault.Message}", fault);
        }
    }
}
