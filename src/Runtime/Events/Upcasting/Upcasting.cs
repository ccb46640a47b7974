using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Granary.Runtime;

/// <summary>Runs the registered upcasters over stored events.</summary>
internal sealed class Upcasting
{
    /// <summary>How many upcasters may follow one another; more is a circle.</summary>
    private const int ChainLengthMax = 100;

    /// <summary>How many events may stand for one; the bound of what a wrong upcaster can do to memory.</summary>
    private const int ResultsMax = 10_000;

    private readonly FrozenDictionary<(string Type, int SchemaVersion), IUpcaster> _upcasters;

    /// <summary>Gathers the upcasters.</summary>
    /// <exception cref="InvalidOperationException">Two take the same.</exception>
    public Upcasting(IEnumerable<IUpcaster> upcasters)
    {
        var found = new Dictionary<(string, int), IUpcaster>();
        foreach (var upcaster in upcasters)
        {
            var key = (upcaster.EventType, upcaster.SchemaVersion);
            if (!found.TryAdd(key, upcaster))
                throw new InvalidOperationException(
                    $"Two upcasters take event type {upcaster.EventType}, schema {upcaster.SchemaVersion}: "
                    + $"{found[key].GetType()} and {upcaster.GetType()}. Remove one of them.");
        }

        _upcasters = found.ToFrozenDictionary();
    }

    /// <summary>Whether an upcaster takes such events.</summary>
    public bool Takes(string type, int schemaVersion) => _upcasters.ContainsKey((type, schemaVersion));

    /// <summary>What stands for the event today, in order.</summary>
    /// <exception cref="ReplayFailedException">Its payload is no JSON object, or an upcaster failed.</exception>
    public List<UpcastEvent> Run(RecordedEvent recorded, int maxDepth)
    {
        try
        {
            var done = new List<UpcastEvent>();
            RunOn(new(recorded.Type, recorded.SchemaVersion, Parse(recorded, maxDepth)), 0, done);
            return done;
        }
        catch (Exception fault)
        {
            throw new ReplayFailedException(recorded, $"Its upcaster failed: {fault.Message}", fault);
        }
    }

    private void RunOn(UpcastEvent next, int chainLength, List<UpcastEvent> done)
    {
        if (!_upcasters.TryGetValue((next.Type, next.SchemaVersion), out var upcaster))
        {
            if (done.Count == ResultsMax)
                throw new InvalidOperationException($"More than {ResultsMax} events would stand for one.");
            done.Add(next);
            return;
        }

        if (chainLength == ChainLengthMax)
            throw new InvalidOperationException($"The upcasters run in a circle, over {next.Type} again.");
        foreach (var result in upcaster.Upcast(next).Take(ResultsMax + 1).ToArray())
        {
            if (result is not { Type: not null, Payload: not null })
                throw new InvalidOperationException($"{upcaster.GetType()} gave an event without type or payload.");
            RunOn(result, chainLength + 1, done);
        }
    }

    private static JsonObject Parse(RecordedEvent recorded, int maxDepth)
    {
        if (recorded.ContentType != ContentTypes.Json)
            throw new NotSupportedException(
                $"Upcasters take {ContentTypes.Json}, and this payload is {recorded.ContentType}.");
        return JsonNode.Parse(recorded.Payload.Span, documentOptions: new() { MaxDepth = maxDepth }) as JsonObject
            ?? throw new JsonException("The payload is not a JSON object.");
    }
}
