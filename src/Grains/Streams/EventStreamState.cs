using System.Buffers;
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
    private static readonly JsonWriterOptions Readable = new()
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

    // What folded last decides its form: MergedJson, or a JsonNode where it was a reducer. Null is null in JSON.
    [NonSerialized] private object? _state;
    [NonSerialized] private long _sizeAtMost;

    /// <summary>The state as text, for snapshots and copies.</summary>
    /// <exception cref="JsonException">What is set is not JSON.</exception>
    [Id(0)]
    public string Json
    {
        get => Encoding.UTF8.GetString(ToJson().Span);
        set
        {
            var json = Encoding.UTF8.GetBytes(value);
            (_state, _sizeAtMost) = (MergedJson.Parse(json), json.Length);
        }
    }

    /// <summary>The state for a reducer, which may change it in place.</summary>
    public JsonNode? Node
    {
        get
        {
            if (_state is null or JsonNode) return (JsonNode?)_state;
            var node = JsonNode.Parse(ToJson().Span);
            _state = node;
            return node;
        }
    }

    /// <summary>Changes the state, by a reducer that answers for its size.</summary>
    public void Become(JsonNode? node) => _state = ParsedJson.Of(node);

    /// <summary>Applies a merge patch. The state is measured only where it may be over its limit.</summary>
    /// <param name="patch">The patch; it must not change.</param>
    /// <exception cref="LimitExceededException">The state is larger than it may be.</exception>
    public void Merge(byte[] patch)
    {
        if (_state is not MergedJson merged) _state = merged = MergedJson.Parse(ToJson().Span);
        merged.Apply(patch);
        _sizeAtMost += GrowthMax * patch.Length;
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

    public ReadOnlyMemory<byte> ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        WriteTo(buffer);
        return buffer.WrittenMemory;
    }

    // A copy, and what is read from a snapshot, comes without it.
    private Dictionary<Guid, StoredCloudEvent> ByKey() =>
        _byKey ??= _cloudEvents.ToDictionary(static one => one.Key);

    private long Measure()
    {
        var counter = new ByteCounter();
        WriteTo(counter);
        return counter.Count;
    }

    private void WriteTo(IBufferWriter<byte> buffer)
    {
        using var writer = new Utf8JsonWriter(buffer, Readable);
        if (_state is MergedJson merged) merged.WriteTo(writer);
        else if (_state is JsonNode node) node.WriteTo(writer);
        else writer.WriteNullValue();
    }
}
