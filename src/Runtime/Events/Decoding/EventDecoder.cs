using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using Orleans.Serialization;

namespace Granary.Runtime;

/// <summary>
/// Decodes the events of the log for readers that take some types of many aggregates, by the names, upcasters and
/// formats that replay uses. Events of other types are passed over: they are not the reader's.
/// </summary>
internal sealed class EventDecoder
{
    private readonly ConcurrentDictionary<Type, EventShape> _shapes = new();
    private readonly EventTypeRegistry _registry;
    private readonly Upcasting _upcasting;
    private readonly JsonFormat _json;
    private readonly OrleansFormat _orleans;

    public EventDecoder(
        EventTypeRegistry registry, Upcasting upcasting, IOptions<GranaryEventOptions> options, Serializer orleans)
    {
        (_registry, _upcasting) = (registry, upcasting);
        (_json, _orleans) = (new JsonFormat(options.Value.Json), new OrleansFormat(orleans));
    }

    /// <summary>How the reader's own documents are written.</summary>
    public JsonFormat Json => _json;

    /// <summary>The types of event under their stored names, for readers that take events of some base types.</summary>
    /// <exception cref="InvalidOperationException">One name stands for two types.</exception>
    public FrozenDictionary<string, Type> TypesOf(IEnumerable<Type> bases)
    {
        var types = new Dictionary<string, Type>();
        foreach (var (name, type) in bases.SelectMany(_registry.TypesOf))
        {
            if (!types.TryAdd(name, type) && types[name] != type)
                throw new InvalidOperationException(
                    $"The event type name {name} is that of {types[name]} and of {type}. Give one an [Alias].");
        }

        return types.ToFrozenDictionary();
    }

    /// <summary>
    /// Decodes an event into those that it stands for today: none where it is of no type that is given.
    /// </summary>
    /// <param name="recorded">The event.</param>
    /// <param name="types">The types, from <see cref="TypesOf"/>.</param>
    /// <exception cref="ReplayFailedException">It is of a type that is given, and cannot be read.</exception>
    public IReadOnlyList<object> Decode(RecordedEvent recorded, FrozenDictionary<string, Type> types)
    {
        if (EventTypes.IsReserved(recorded.Type)) return [];
        if (_upcasting.Handles(recorded.Type, recorded.SchemaVersion))
        {
            var results = new List<object>();
            foreach (var result in _upcasting.Run(recorded, _json, _orleans))
            {
                if (!types.TryGetValue(result.Type, out var made)) continue;
                results.Add(Read(recorded, made, result.SchemaVersion, shape => shape.Read(result)));
            }

            return results;
        }

        if (!types.TryGetValue(recorded.Type, out var type)) return [];
        var happened = Read(
            recorded, type, recorded.SchemaVersion, shape => shape.Read(recorded.ContentType, recorded.Payload));
        return [happened];
    }

    private object Read(RecordedEvent recorded, Type type, int schemaVersion, Func<EventShape, object> read)
    {
        var shape = _shapes.GetOrAdd(type, static (of, self) => new(of, self._json, self._orleans, null), this);
        if (shape.SchemaVersion != schemaVersion)
            throw new ReplayFailedException(
                recorded,
                $"{type} is known in schema {shape.SchemaVersion}, and no upcaster takes schema {schemaVersion}.");
        try
        {
            return read(shape);
        }
        catch (Exception fault)
        {
            throw new ReplayFailedException(recorded, $"Its payload cannot be read: {fault.Message}", fault);
        }
    }
}
