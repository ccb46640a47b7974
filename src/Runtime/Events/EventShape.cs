using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Orleans.Serialization;

namespace Granary.Runtime;

/// <summary>What is known of an event type once and for all: its name, its version, how it is written.</summary>
internal sealed record EventShape(Type Type, string Name, int SchemaVersion, string ContentType)
{
    /// <summary>Whether events of the type cannot be changed by whoever holds them.</summary>
    public bool IsShareable { get; } = Sharing.IsShareable(Type);

    /// <summary>Looks an event type over.</summary>
    /// <exception cref="EventNotEncodableException">No format would bring the event back as it was.</exception>
    public static EventShape Of(Type type, JsonSerializerOptions json, Serializer orleans)
    {
        var name = EventTypeNames.Of(type);
        var version = type.GetCustomAttribute<SchemaVersionAttribute>(inherit: false)?.Version ?? 1;
        var chosen = type.GetCustomAttribute<EventContentAttribute>(inherit: false)?.ContentType;
        if (chosen is not null) return new EventShape(type, name, version, chosen);
        if (LostInJson(type, json) is not { } lost) return new EventShape(type, name, version, ContentTypes.Json);
        if (orleans.CanSerialize(type)) return new EventShape(type, name, version, ContentTypes.Orleans);
        throw new EventNotEncodableException(
            name, $"{lost} would be lost in JSON. Give it a setter or a constructor parameter, or mark {type} with "
            + "[GenerateSerializer] so that Orleans' binary format carries it.");
    }

    // A field that JSON does not write, or writes and cannot set, comes back empty: data that is lost silently.
    private static string? LostInJson(Type type, JsonSerializerOptions json)
    {
        JsonTypeInfo info;
        try
        {
            json.MakeReadOnly(populateMissingResolver: true);
            info = json.GetTypeInfo(type);
        }
        catch (Exception fault) when (fault is NotSupportedException or InvalidOperationException)
        {
            return $"The whole event ({fault.Message})";
        }

        if (info.Kind != JsonTypeInfoKind.Object) return null;
        var parameters = info.Properties
            .Where(static one => one.AssociatedParameter is not null).Select(NameOf).ToHashSet(StringComparer.Ordinal);
        var carried = info.Properties
            .Where(one => one.Get is not null && (one.Set is not null || parameters.Contains(NameOf(one))))
            .Select(NameOf).ToHashSet(StringComparer.Ordinal);
        return FieldsOf(type).Select(PropertyOf).FirstOrDefault(field => !carried.Contains(field));
    }

    private static string NameOf(JsonPropertyInfo property) =>
        (property.AttributeProvider as MemberInfo)?.Name ?? property.Name;

    private static string PropertyOf(FieldInfo field) => field.Name.StartsWith('<')
        ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)]
        : field.Name;

    private static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            foreach (var field in at.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (!IsIgnored(at, field)) yield return field;
            }
        }
    }

    private static bool IsIgnored(Type declaring, FieldInfo field) =>
        field.IsDefined(typeof(NonSerializedAttribute)) || field.IsDefined(typeof(JsonIgnoreAttribute))
        || (field.IsDefined(typeof(CompilerGeneratedAttribute))
            && declaring.GetProperty(PropertyOf(field),
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                ?.IsDefined(typeof(JsonIgnoreAttribute)) == true);
}
