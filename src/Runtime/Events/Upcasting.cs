using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Granary.Runtime;

/// <summary>Runs the registered upcasters over stored events.</summary>
internal sealed class Upcasting
{
    /// <summary>How many steps an event may take; more is a circle.</summary>
    private const int StepsMax = 100;

    private readonly FrozenDictionary<(string Type, int SchemaVersion), IUpcaster> _upcasters;

    public Upcasting(IEnumerable<IUpcaster> upcasters)
    {
        var found = new Dictionary<(string, int), IUpcaster>();
        foreach (var upcaster in upcasters)
        {
            if (!found.TryAdd((upcaster.EventType, upcaster.SchemaVersion), upcaster))
                throw new InvalidOperationException(
                    $"Two upcasters take event type {upcaster.EventType}, schema {upcaster.SchemaVersion}.");
        }

        _upcasters = found.ToFrozenDictionary();
    }

    /// <summary>Whether an upcaster takes the event.</summary>
    public bool Takes(RecordedEvent recorded) => _upcasters.ContainsKey((recorded.Type, recorded.SchemaVersion));

    /// <summary>What stands for the event today, in order.</summary>
    /// <exception cref="ReplayFailedException">Its payload is no JSON object, or an upcaster failed.</exception>
    public List<UpcastEvent> Run(RecordedEvent recorded)
    {
        var done = new List<UpcastEvent>();
        try
        {
            var payload = JsonNode.Parse(recorded.Payload.Span) as JsonObject
                ?? throw new JsonException("The payload is not a JSON object.");
            var open = new Stack<UpcastEvent>([new UpcastEvent(recorded.Type, recorded.SchemaVersion, payload)]);
            for (var steps = 0; open.TryPop(out var next); steps++)
            {
                if (steps > StepsMax) throw new InvalidOperationException("The upcasters run in a circle.");
                if (!_upcasters.TryGetValue((next.Type, next.SchemaVersion), out var upcaster)) done.Add(next);
                else foreach (var result in upcaster.Upcast(next).Reverse()) open.Push(result);
            }
        }
        catch (Exception fault)
        {
            throw new ReplayFailedException(recorded, $"Its upcaster failed: {fault.Message}", fault);
        }

        return done;
    }
}
