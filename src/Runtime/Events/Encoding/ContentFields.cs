using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Granary.Runtime;

/// <summary>
/// The fields that make up a value: all of a class and its base classes, but for those that their author excludes with
/// <c>[NonSerialized]</c> or <c>[JsonIgnore]</c>, which are no content.
/// </summary>
internal static class ContentFields
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Known = new();

    /// <summary>The fields that one class declares, without those of its base class.</summary>
    public static FieldInfo[] DeclaredBy(Type type) => Known.GetOrAdd(
        type, static type => [.. type.GetFields(Declared).Where(field => !IsExcluded(type, field))]);

    /// <summary>The fields of a class and of its base classes.</summary>
    public static IEnumerable<FieldInfo> Of(Type type)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            foreach (var field in DeclaredBy(at)) yield return field;
        }
    }

    /// <summary>Whether a class or one of its base classes has fields that are no content.</summary>
    public static bool AreExcludedFrom(Type type)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            if (at.GetFields(Declared).Length != DeclaredBy(at).Length) return true;
        }

        return false;
    }

    /// <summary>The member as the application wrote it: the property that a field stores, or the field.</summary>
    public static string NameOf(FieldInfo field) => field.Name.StartsWith('<')
        ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)]
        : field.Name;

    private static bool IsExcluded(Type declaring, FieldInfo field) =>
        field.IsDefined(typeof(NonSerializedAttribute)) || IsIgnored(field)
        || (field.IsDefined(typeof(CompilerGeneratedAttribute))
            && declaring.GetProperty(NameOf(field), Declared) is { } property && IsIgnored(property));

    private static bool IsIgnored(MemberInfo member) =>
        member.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always };
}
