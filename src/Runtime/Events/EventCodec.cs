using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Orleans.Serialization;

namespace Granary.Runtime;

/// <summary>The codec of every event type that has no codec of its own.</summary>
internal sealed class EventCodec<TEvent>(
    EventTypeRegistry registry,
    Upcasting upcasting,
    IOptions<GranaryEventOptions> options,
    Serializer orleans,
    TimeProvider time) : IEventCodec<TEvent>
    where TEvent : class
{
    private readonly ConcurrentDictionary<Type, EventShape> _shapes = new();
    private readonly Lazy<FrozenDictionary<string, Type>> _types = new(() => registry.TypesOf(typeof(TEvent)));

    public NewEvent Encode(TEvent @event, EventMetadata metadata)
    {
        var shape = ShapeOf(@event.GetType());
        if (!_types.Value.TryGetValue(shape.Name, out var known) || known != shape.Type)
            throw new EventNotEncodableException(
                shape.Name,
                    $"{shape.Type} would not be found under that name when it is read. Give it an [Alias] of its "
                + "own, or name it with ConfigureEvents(events => events.AddEventType<...>()).");
        try
        {
            var payload = shape.ContentType == ContentTypes.Orleans
                ? orleans.SerializeToArray<object>(@event)
                : JsonSerializer.SerializeToUtf8Bytes(@event, shape.Type, options.Value.Json);
            return new NewEvent(Guid.CreateVersion7(time.GetUtcNow()), shape.Name, payload)
            {
                SchemaVersion = shape.SchemaVersion,
                ContentType = shape.ContentType,
                Metadata = metadata,
            };
        }
        catch (Exception fault) when (fault is not GranaryException)
        {
            throw new EventNotEncodableException(shape.Name, fault.Message, fault);
        }
    }

    public void Decode(RecordedEvent recorded, ICollection<TEvent> into)
    {
        if (recorded.IsTombstone || recorded.Type == EventTypes.CommandAnswered) return;
        if (!upcasting.Takes(recorded))
        {
            into.Add(Read(recorded, recorded.Type, recorded.SchemaVersion, type => recorded.ContentType switch
            {
                ContentTypes.Json => JsonSerializer.Deserialize(recorded.Payload.Span, type, options.Value.Json),
                ContentTypes.Orleans => orleans.Deserialize<object>(recorded.Payload),
                _ => throw new NotSupportedException($"Content type {recorded.ContentType} is not known."),
            }));
            return;
        }

        foreach (var upcast in upcasting.Run(recorded))
        {
            into.Add(Read(
                recorded, upcast.Type, upcast.SchemaVersion, type =>
                    upcast.Payload.Deserialize(type, options.Value.Json)));
        }
    }

    public bool IsShareable(TEvent @event) => ShapeOf(@event.GetType()).IsShareable;

    private TEvent Read(RecordedEvent recorded, string name, int schemaVersion, Func<Type, object?> read)
    {
        if (!_types.Value.TryGetValue(name, out var type))
            throw new ReplayFailedException(recorded, $"No event type is known under the name {name}.");

        var known = ShapeOf(type).SchemaVersion;
        if (known != schemaVersion)
            throw new ReplayFailedException(
                recorded, $"{name} is known in schema {known}, and no upcaster takes schema {schemaVersion}.");
        try
        {
            return (TEvent)(read(type) ?? throw new JsonException("The payload is null."));
        }
        catch (Exception fault)
        {
            throw new ReplayFailedException(recorded, $"Its payload cannot be read: {fault.Message}", fault);
        }
    }

    private EventShape ShapeOf(Type type) =>
        _shapes.GetOrAdd(type, static (type, self) =>
            EventShape.Of(type, self.Json, self.Orleans), (options.Value.Json, Orleans: orleans));
}
