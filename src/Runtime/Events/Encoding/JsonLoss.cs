using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Granary.Runtime;

/// <summary>
/// Finds what JSON would lose silently: a field that it does not write, or writes and cannot set; a member whose own
/// type it does not know when it reads. Where in doubt it is lost.
/// </summary>
internal sealed class JsonLoss
{
    private const BindingFlags AllOfInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly HashSet<Type> _seen = [];

    private JsonLoss()
    {
    }

    /// <summary>What is lost first of an event type, or null.</summary>
    public static string? Find(JsonTypeInfo type) => new JsonLoss().FindIn(type);

    private string? FindIn(JsonTypeInfo info)
    {
        if (!_seen.Add(info.Type)) return null;
        switch (info.Kind)
        {
            case JsonTypeInfoKind.None:
                return info.Type == typeof(object) ? "What stands in a place of type object" : null;
            case JsonTypeInfoKind.Object:
                return FindInMembers(info) ?? FindInDerived(info);
            default:
                return FindBesideElements(info.Type)
                    ?? FindInPlace(info.KeyType, info.Options) ?? FindInPlace(info.ElementType, info.Options);
        }
    }

    private string? FindInMembers(JsonTypeInfo info)
    {
        var carried = info.Properties
            .Where(static one => one.Get is not null && (one.Set is not null || one.AssociatedParameter is not null))
            .ToArray();
        var lost = FieldsOf(info.Type).FirstOrDefault(field => !Array.Exists(carried, one => IsOf(one, field)));
        if (lost is not null) return $"{info.Type.Name}.{PropertyOf(lost)}";
        return carried.Where(static one => one.CustomConverter is null)
            .Select(one => FindInPlace(one.PropertyType, info.Options))
            .FirstOrDefault(static found => found is not null);
    }

    // JSON writes what the place says, not what stands in it.
    private string? FindInPlace(Type? place, JsonSerializerOptions json)
    {
        if (place is null) return null;
        var type = Nullable.GetUnderlyingType(place) ?? place;
        JsonTypeInfo info;
        try
        {
            info = json.GetTypeInfo(type);
        }
        catch (Exception fault) when (fault is NotSupportedException or InvalidOperationException)
        {
            return $"A {type} ({fault.Message})";
        }

        if (info.Kind == JsonTypeInfoKind.Object && info.PolymorphismOptions is null
            && (type.IsAbstract || IsDerivedFrom(type)))
            return $"What stands in a place of type {type}, which others derive from without [JsonDerivedType],";
        return FindIn(info);
    }

    private string? FindInDerived(JsonTypeInfo info) => info.PolymorphismOptions?.DerivedTypes
        .Where(one => one.DerivedType != info.Type)
        .Select(one => FindIn(info.Options.GetTypeInfo(one.DerivedType)))
        .FirstOrDefault(static found => found is not null);

    private static bool IsDerivedFrom(Type type) => type is { IsClass: true, IsSealed: false }
        && EventTypeRegistry.TypesIn(type.Assembly).Any(other => other.IsSubclassOf(type));

    // Of a list with members of its own JSON keeps the elements alone.
    private static string? FindBesideElements(Type type)
    {
        var own = new List<FieldInfo>();
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            if (EventTypeRegistry.IsFramework(at.Assembly))
                return own.Count == 0 ? null : $"{type.Name}.{PropertyOf(own[0])}";
            own.AddRange(at.GetFields(AllOfInstance | BindingFlags.DeclaredOnly).Where(field => !IsIgnored(at, field)));
        }

        return null;
    }

    // A field belongs to the property that it backs: by the compiler's name, or by the usual one.
    private static bool IsOf(JsonPropertyInfo property, FieldInfo field)
    {
        var name = (property.AttributeProvider as MemberInfo)?.Name ?? property.Name;
        return string.Equals(name, PropertyOf(field).TrimStart('_'), StringComparison.OrdinalIgnoreCase)
            && property.PropertyType.IsAssignableFrom(field.FieldType);
    }

    private static string PropertyOf(FieldInfo field) => field.Name.StartsWith('<')
        ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)]
        : field.Name;

    private static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            foreach (var field in at.GetFields(AllOfInstance | BindingFlags.DeclaredOnly))
            {
                if (!IsIgnored(at, field)) yield return field;
            }
        }
    }

    private static bool IsIgnored(Type declaring, FieldInfo field) =>
        field.IsDefined(typeof(NonSerializedAttribute)) || IsIgnored(field)
        || (field.IsDefined(typeof(CompilerGeneratedAttribute))
            && declaring.GetProperty(PropertyOf(field), AllOfInstance | BindingFlags.DeclaredOnly) is { } property
            && IsIgnored(property));

    private static bool IsIgnored(MemberInfo member) =>
        member.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always };
}
