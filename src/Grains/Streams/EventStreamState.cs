using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.Contracts;
using Granary.Runtime;

namespace Granary.Grains;

/// <summary>What a stream's events have been folded into: any JSON.</summary>
[GenerateSerializer, Alias("granary.EventStreamState")]
internal sealed class EventStreamState : IJsonState
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // A byte of an event's JSON takes six in the state's at most, where it is escaped.
    private const long GrowthMax = 6;

    private const int CloudEventsMax = 1_000;

    // The last CloudEvents, oldest first, and how many events were folded: the stream's version.
    [Id(1)] private readonly Queue<StoredCloudEvent> _cloudEvents = new();
    [Id(2)] private long _count;

    [NonSerialized] private Dictionary<Guid, StoredCloudEvent>? _byKey;
    [NonSerialized] private JsonNode? _node;
    [NonSerialized] private long _sizeAtMost;

    /// <summary>The state as text, for snapshots and copies.</summary>
    [Id(0)]
    public string Json
    {
        get => _node?.ToJsonString(Readable) ?? "null";
        set => (_node, _sizeAtMost) = (JsonNode.Parse(value), Encoding.UTF8.GetByteCount(value));
    }

    public JsonNode? Node => _node;

    /// <summary>Changes the state, by a reducer that answers for its size.</summary>
    public void Become(JsonNode? node) => _node = node;

    /// <summary>
    /// Changes the state by so many bytes of an event. It is measured only where it may be over its limit.
    /// </summary>
    /// <exception cref="LimitExceededException">The state is larger than it may be.</exception>
    public void Become(JsonNode? node, int added)
    {
        _node = node;
        _sizeAtMost += GrowthMax * added;
        if (_sizeAtMost <= GranaryLimits.StateSizeMax) return;
        _sizeAtMost = Measure();
        LimitExceededException.ThrowIfOver(
            GranaryLimits.StateSizeMax, _sizeAtMost, "state of the stream",
            "Spread the events over several streams, or keep what is large elsewhere.");
    }

    /// <summary>Remembers an event that was folded, where it is a CloudEvent; the oldest are forgotten.</summary>
    public void Remember(StreamEvent @event)
    {
        _count++;
        if (StoredCloudEvent.Of(@event, _count) is not { } stored || !ByKey().TryAdd(stored.Key, stored)) return;
        _cloudEvents.Enqueue(stored);
        if (_cloudEvents.Count > CloudEventsMax) ByKey().Remove(_cloudEvents.Dequeue().Key);
    }

    /// <summary>The stream's own event with the source and id of another, or null.</summary>
    public StoredCloudEvent? Find(StoredCloudEvent other) =>
        _cloudEvents.Count > 0 && ByKey().TryGetValue(other.Key, out var stored) ? stored : null;

    public ReadOnlyMemory<byte> ToJson() => Encoding.UTF8.GetBytes(Json);

    // A copy, and what is read from a snapshot, comes without it.
    private Dictionary<Guid, StoredCloudEvent> ByKey() =>
        _byKey ??= _cloudEvents.ToDictionary(static one => one.Key);

    private long Measure()
    {
        var counter = new ByteCounter();
        using (var writer = new Utf8JsonWriter(counter, new JsonWriterOptions { Encoder = Readable.Encoder }))
        {
            if (_node is null) writer.WriteNullValue();
            else _node.WriteTo(writer);
        }

        return counter.Count;
    }
}
