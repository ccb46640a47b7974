using Microsoft.Extensions.DependencyInjection;

namespace Granary.Runtime;

/// <summary>Finds the codec of a grain's events.</summary>
internal static class EventCodecs
{
    /// <summary>The registered codec; one of the application's own is checked.</summary>
    public static IEventCodec<TEvent> Of<TEvent>(IServiceProvider services)
        where TEvent : class
    {
        var codec = services.GetRequiredService<IEventCodec<TEvent>>();
        return codec is EventCodec<TEvent> ? codec : new CheckedEventCodec<TEvent>(codec);
    }

    /// <summary>
    /// What a codec of the application's own reads of an event that it has just encoded. It is what is folded, as every
    /// later replay folds it; an event that is read as something else than one event would make its stream unusable.
    /// </summary>
    /// <param name="codec">The codec.</param>
    /// <param name="encoded">The event as it would be stored.</param>
    /// <param name="read">An empty list for what is read.</param>
    /// <exception cref="EventNotEncodableException">It is not read as exactly one event.</exception>
    public static TEvent ReadBack<TEvent>(IEventCodec<TEvent> codec, RecordedEvent encoded, List<TEvent> read)
        where TEvent : class
    {
        try
        {
            codec.Decode(encoded, read);
        }
        catch (Exception fault)
        {
            throw new EventNotEncodableException(
                encoded.Type, $"what is written cannot be read back: {fault.Message}", fault);
        }

        return read is [{ } one]
            ? one
            : throw new EventNotEncodableException(encoded.Type, $"what is written is read as {read.Count} events.");
    }
}
