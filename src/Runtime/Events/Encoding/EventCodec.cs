using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using Orleans.Serialization;

namespace Granary.Runtime;

/// <summary>The codec of every event type that has no codec of its own.</summary>
internal sealed class EventCodec<TEvent> : IEventCodec<TEvent>
    where TEvent : class
{
    private readonly ConcurrentDictionary<Type, EventShape> _shapes = new();
    private readonly Lazy<FrozenDictionary<string, Type>> _types;
    private readonly Upcasting _upcasting;
    private readonly JsonSerializerOptions _json;
    private readonly Serializer _orleans;
    private readonly TimeProvider _time;
    private LastDecoded? _last;

    public EventCodec(
        EventTypeRegistry registry,
        Upcasting upcasting,
        IOptions<GranaryEventOptions> options,
        Serializer orleans,
        TimeProvider time)
    {
        _types = new(() => registry.TypesOf(typeof(TEvent)));
        _upcasting = upcasting;
        _json = options.Value.Json;
        _json.MakeReadOnly(populateMissingResolver: true);
        _orleans = orleans;
        _time = time;
    }

    public NewEvent Encode(TEvent @event, EventMetadata metadata) => Encode(@event, metadata, new PayloadBuffer());

    /// <summary>Encodes an event whose payload is in the buffer, or in memory of its own where it is large.</summary>
    public NewEvent Encode(TEvent @event, EventMetadata metadata, PayloadBuffer buffer)
    {
        var shape = ShapeOf(@event.GetType());
        if (shape.Refusal is { } refusal) throw new EventNotEncodableException(shape.Name, refusal);
        return new NewEvent(Uuid7.New(_time), shape.Name, Write(@event, shape, buffer))
        {
            SchemaVersion = shape.SchemaVersion,
            ContentType = shape.ContentType,
            Metadata = metadata,
        };
    }

    public void Decode(RecordedEvent recorded, ICollection<TEvent> into)
    {
        // A store gives events of one type the same text for its name, and a stream has long runs of one type.
        if (_last is { } last && last.IsOf(recorded))
        {
            into.Add(Read(recorded, last.Shape));
            return;
        }

        if (recorded.IsTombstone || recorded.Type == EventTypes.CommandAnswered) return;
        if (_upcasting.Takes(recorded.Type, recorded.SchemaVersion))
        {
            foreach (var upcast in _upcasting.Run(recorded, _json.MaxDepth)) into.Add(Read(recorded, upcast));
            return;
        }

        var shape = KnownShapeOf(recorded, recorded.Type, recorded.SchemaVersion);
        into.Add(Read(recorded, shape));
        _last = new LastDecoded(recorded.Type, shape);
    }

    public bool IsShareable(TEvent @event) => ShapeOf(@event.GetType()).IsShareable;

    private ReadOnlyMemory<byte> Write(TEvent @event, EventShape shape, PayloadBuffer buffer)
    {
        try
        {
            var payload = shape.ContentType == ContentTypes.Orleans
                ? _orleans.SerializeToArray<object>(@event)
                : JsonScratch.Write(@event, shape.Json!, buffer);
            if (shape.IsProven) return payload;

            // A stream must not be locked for ever by an event that can be written and not read.
            Read(shape.ContentType, payload, shape);
            shape.IsProven = true;
            return payload;
        }
        catch (Exception fault)
        {
            throw new EventNotEncodableException(shape.Name, fault.Message, fault);
        }
    }

    private TEvent Read(string contentType, ReadOnlyMemory<byte> payload, EventShape shape)
    {
        var read = contentType switch
        {
            ContentTypes.Json => shape.Compiled?.TryRead(payload.Span)
                ?? JsonSerializer.Deserialize(payload.Span, JsonOf(shape)),
            ContentTypes.Orleans => _orleans.Deserialize<object>(payload),
            _ => throw new NotSupportedException($"Content type {contentType} is not known."),
        };
        return Checked(read, shape);
    }

    private TEvent Read(RecordedEvent recorded, EventShape shape)
    {
        try
        {
            return Read(recorded.ContentType, recorded.Payload, shape);
        }
        catch (Exception fault)
        {
            throw NotReadable(recorded, fault);
        }
    }

    private TEvent Read(RecordedEvent recorded, UpcastEvent upcast)
    {
        var shape = KnownShapeOf(recorded, upcast.Type, upcast.SchemaVersion);
        try
        {
            return Checked(upcast.Payload.Deserialize(JsonOf(shape)), shape);
        }
        catch (Exception fault)
        {
            throw NotReadable(recorded, fault);
        }
    }

    private static JsonTypeInfo JsonOf(EventShape shape) =>
        shape.Json ?? throw new NotSupportedException($"JSON cannot make a {shape.Type}.");

    private static TEvent Checked(object? read, EventShape shape) =>
        read is not null && shape.Type.IsInstanceOfType(read)
            ? (TEvent)read
            : throw new JsonException(
                $"The payload is {read?.GetType().ToString() ?? "null"} instead of {shape.Type}.");

    private EventShape KnownShapeOf(RecordedEvent recorded, string name, int schemaVersion)
    {
        if (!_types.Value.TryGetValue(name, out var type))
            throw new ReplayFailedException(recorded, $"No event type is known under the name {name}.");

        var shape = ShapeOf(type);
        return shape.SchemaVersion == schemaVersion
            ? shape
            : throw new ReplayFailedException(
                recorded,
                $"{name} is known in schema {shape.SchemaVersion}, and no upcaster takes schema {schemaVersion}.");
    }

    private static ReplayFailedException NotReadable(RecordedEvent recorded, Exception fault) =>
        new(recorded, $"Its payload cannot be read: {fault.Message}", fault);

    private EventShape ShapeOf(Type type) =>
        _shapes.GetOrAdd(type, static (type, self) => self.LookOver(type), this);

    private EventShape LookOver(Type type)
    {
        var shape = EventShape.Of(type, _json, _orleans);
        if (!_types.Value.TryGetValue(shape.Name, out var known) || known != type)
            return shape with
            {
                Refusal = $"{type} would not be found under that name when it is read. Give it an [Alias] of its "
                    + "own, or name it with ConfigureEvents(events => events.AddEventType<...>()).",
            };

        // What is folded when it is raised and what is folded when it is read must be the same.
        return _upcasting.Takes(shape.Name, shape.SchemaVersion)
            ? shape with
            {
                Refusal = $"an upcaster takes its schema {shape.SchemaVersion}, so that it would come back as "
                    + "something else. Raise its [SchemaVersion].",
            }
            : shape;
    }

    /// <summary>What the last event that was decoded was, which no upcaster takes.</summary>
    private sealed record LastDecoded(string Type, EventShape Shape)
    {
        public bool IsOf(RecordedEvent recorded) =>
            ReferenceEquals(Type, recorded.Type) && Shape.SchemaVersion == recorded.SchemaVersion;
    }
}
