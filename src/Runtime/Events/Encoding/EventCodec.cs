using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Orleans.Serialization;

namespace Granary.Runtime;

/// <summary>The codec of every event type that has no codec of its own.</summary>
internal sealed class EventCodec<TEvent> : IEventCodec<TEvent>, IFoldIdentity
    where TEvent : class
{
    private readonly ConcurrentDictionary<Type, EventShape> _shapes = new();
    private readonly Lazy<FrozenDictionary<string, Type>> _types;
    private readonly Upcasting _upcasting;
    private readonly JsonFormat _json;
    private readonly OrleansFormat _orleans;
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
        _json = new JsonFormat(options.Value.Json);
        _orleans = new OrleansFormat(orleans);
        _time = time;
    }

    /// <summary>What upcasters make of stored events decides on the state.</summary>
    public string FoldIdentity => _upcasting.Identity;

    public NewEvent Encode(TEvent @event, EventMetadata metadata) =>
        Encode(ref @event, metadata, new PayloadBuffer(), out _);

    /// <summary>
    /// Encodes an event whose payload is in the buffer, or in memory of its own where it is large. Where it was read
    /// back to be checked, it is replaced by what was read, to be folded in its place.
    /// </summary>
    public NewEvent Encode(ref TEvent @event, EventMetadata metadata, PayloadBuffer buffer, out bool isShareable)
    {
        var shape = ShapeOf(@event.GetType());
        isShareable = shape.IsShareable;
        var written = shape.Write(@event, buffer, out var contentType);
        @event = (TEvent)written.Event;
        return new NewEvent(_time, shape.Name, written.Payload)
        {
            SchemaVersion = shape.SchemaVersion,
            ContentType = contentType,
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

        if (EventTypes.IsReserved(recorded.Type))
        {
            ReservedEvents.ThrowIfUnknown(recorded);
            return;
        }

        if (_upcasting.Handles(recorded.Type, recorded.SchemaVersion))
        {
            foreach (var result in _upcasting.Run(recorded, _json, _orleans)) into.Add(Read(recorded, result));
            return;
        }

        var shape = KnownShapeOf(recorded, recorded.Type, recorded.SchemaVersion);
        into.Add(Read(recorded, shape));
        _last = new LastDecoded(recorded.Type, shape);
    }

    public bool IsShareable(TEvent @event) => ShapeOf(@event.GetType()).IsShareable;

    private static TEvent Read(RecordedEvent recorded, EventShape shape)
    {
        try
        {
            return (TEvent)shape.Read(recorded.ContentType, recorded.Payload);
        }
        catch (Exception fault)
        {
            throw NotReadable(recorded, fault);
        }
    }

    private TEvent Read(RecordedEvent recorded, UpcastResult result)
    {
        var shape = KnownShapeOf(recorded, result.Type, result.SchemaVersion);
        try
        {
            return (TEvent)shape.Read(result);
        }
        catch (Exception fault)
        {
            throw NotReadable(recorded, fault);
        }
    }

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
        _shapes.GetOrAdd(type, static (type, self) => new(type, self._json, self._orleans, self.RefusalOf(type)), this);

    private string? RefusalOf(Type type)
    {
        var name = EventTypeNames.Of(type);
        if (!_types.Value.TryGetValue(name, out var known) || known != type)
            return $"{type} would not be found under that name when it is read. Give it an [Alias] of its own, or name "
                + "it with ConfigureEvents(events => events.AddEventType<...>()).";

        // What is folded when it is raised and what is folded when it is read must be the same.
        return _upcasting.Handles(name, EventTypeNames.SchemaVersionOf(type))
            ? $"an upcaster takes its schema {EventTypeNames.SchemaVersionOf(type)}, so that it would come back as "
                + "something else. Raise its [SchemaVersion]."
            : null;
    }

    /// <summary>The type of the last event that was decoded, which no upcaster takes.</summary>
    private sealed record LastDecoded(string Type, EventShape Shape)
    {
        public bool IsOf(RecordedEvent recorded) =>
            ReferenceEquals(Type, recorded.Type) && Shape.SchemaVersion == recorded.SchemaVersion;
    }
}
