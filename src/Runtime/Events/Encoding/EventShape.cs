using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orleans.Serialization;

namespace Granary.Runtime;

/// <summary>What is known of an event type once and for all: its name, its version, how it is written.</summary>
internal sealed record EventShape(Type Type, string Name, int SchemaVersion, string ContentType)
{
    /// <summary>How JSON reads and writes the type; null where it cannot.</summary>
    public JsonTypeInfo? Json { get; private init; }

    /// <summary>Reads JSON that stands as it was written; null where the type is none for it.</summary>
    public CompiledJson? Compiled { get; private init; }

    /// <summary>Why no event of the type is taken: it would not come back as it was. Null where it would.</summary>
    public string? Refusal { get; init; }

    /// <summary>Whether events of the type cannot be changed by whoever holds them.</summary>
    public bool IsShareable { get; } = Sharing.IsShareable(Type);

    /// <summary>Whether an event of the type was written and read already.</summary>
    public bool IsProven { get; set; }

    /// <summary>Looks an event type over.</summary>
    public static EventShape Of(Type type, JsonSerializerOptions json, Serializer orleans)
    {
        var chosen = type.GetCustomAttribute<EventContentAttribute>(inherit: false)?.ContentType;
        var info = InfoOf(type, json, out var lost);
        lost ??= JsonLoss.Find(info!);
        var takesOrleans = chosen != ContentTypes.Json && (chosen ?? lost) is not null && IsKnownTo(orleans, type);
        var content = chosen ?? (lost is null || !takesOrleans ? ContentTypes.Json : ContentTypes.Orleans);
        var version = type.GetCustomAttribute<SchemaVersionAttribute>(inherit: false)?.Version ?? 1;
        return new EventShape(type, EventTypeNames.Of(type), version, content)
        {
            Json = info,
            Compiled = info is null ? null : CompiledJson.Of(info),
            Refusal = content == ContentTypes.Orleans
                ? takesOrleans ? null : $"Orleans' binary format does not know {type}. Mark it [GenerateSerializer]."
                : lost is null ? null : AdviceOn(lost, type),
        };
    }

    private static string AdviceOn(string lost, Type type) =>
        $"{lost} would be lost in JSON. Give it a setter or a constructor parameter, mark it [JsonIgnore] or "
        + $"[NonSerialized] where it is none of the event's content, or mark {type} with [GenerateSerializer] so that "
        + "Orleans' binary format carries it.";

    // A type whose base type Orleans does not know makes it throw instead of saying no.
    private static bool IsKnownTo(Serializer orleans, Type type)
    {
        try
        {
            return orleans.CanSerialize(type);
        }
        catch (Exception fault) when (fault is KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    private static JsonTypeInfo? InfoOf(Type type, JsonSerializerOptions json, out string? lost)
    {
        try
        {
            lost = null;
            return json.GetTypeInfo(type);
        }
        catch (Exception fault) when (fault is NotSupportedException or InvalidOperationException)
        {
            lost = $"The whole event ({fault.Message})";
            return null;
        }
    }
}
