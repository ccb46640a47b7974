using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
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

    [NonSerialized] private JsonNode? _node;

    /// <summary>The state as text, for snapshots and copies.</summary>
    [Id(0)]
    public string Json
    {
        get => _node?.ToJsonString(Readable) ?? "null";
        set => _node = JsonNode.Parse(value);
    }

    public JsonNode? Node => _node;

    public void Become(JsonNode? node) => _node = node;

    public ReadOnlyMemory<byte> ToJson() => Encoding.UTF8.GetBytes(Json);
}
