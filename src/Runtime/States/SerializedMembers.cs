using System.Reflection;
using System.Runtime.CompilerServices;

namespace Granary.Runtime;

/// <summary>
/// Finds what Orleans' serializer would leave out of a state: it carries the members with an <c>[Id]</c> and silently
/// drops the others, so that a snapshot, or a copy, of such a state would have lost them.
/// </summary>
internal static class SerializedMembers
{
    private const string BackingFieldSuffix = ">k__BackingField";

    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The first member left out of the type or of its declared parts, or null where nothing is.</summary>
    public static string? FirstLeftOut(Type type) => FirstLeftOut(type, []);

    /// <summary>The first member left out of exactly this type or its base types, or null where nothing is.</summary>
    public static string? FirstLeftOutOf(Type type)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (at.GetCustomAttribute<GenerateSerializerAttribute>(inherit: false) is { } generated
                && at.GetFields(Declared).FirstOrDefault(field => IsLeftOut(at, generated, field)) is { } leftOut)
                return FullNameOf(leftOut);
        }

        return null;
    }

    /// <summary>The number that a field, or the property that it belongs to, is written under, if any.</summary>
    public static uint? IdOf(FieldInfo field) =>
        (field.GetCustomAttribute<IdAttribute>() ?? PropertyOf(field)?.GetCustomAttribute<IdAttribute>())?.Id;

    /// <summary>The properties declared by a type that have an <c>[Id]</c> and no field of their own.</summary>
    public static IEnumerable<PropertyInfo> ComputedOf(Type type) => type.GetProperties(Declared).Where(property =>
        property.IsDefined(typeof(IdAttribute))
            && type.GetField($"<{property.Name}{BackingFieldSuffix}", Declared) is null);

    /// <summary>The automatic properties declared by a type whose values are serialized.</summary>
    public static IEnumerable<PropertyInfo> AutomaticOf(Type type) => type.GetFields(Declared)
        .Where(static field => !field.IsDefined(typeof(NonSerializedAttribute)))
        .Select(PropertyOf).OfType<PropertyInfo>();

    /// <summary>The first member of a type that has an attribute, on its field or its property; or null.</summary>
    public static FieldInfo? FirstMarked(Type type, Type attribute) => type.GetFields(Declared).FirstOrDefault(
        field => field.IsDefined(attribute) || PropertyOf(field)?.IsDefined(attribute) == true);

    /// <summary>A member as the application wrote it, with the type that declares it.</summary>
    public static string FullNameOf(FieldInfo field) => $"{field.DeclaringType}.{NameOf(field)}";

    private static string? FirstLeftOut(Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type) || type.IsEnum || type.IsPrimitive) return null;
        var inside = type.IsGenericType ? type.GetGenericArguments().ToList() : [];
        if (type.GetElementType() is { } element) inside.Add(element);
        if (type.GetCustomAttribute<GenerateSerializerAttribute>(inherit: false) is { } generated)
        {
            foreach (var field in type.GetFields(Declared))
            {
                if (field.IsDefined(typeof(NonSerializedAttribute))) continue;
                if (IsLeftOut(type, generated, field)) return FullNameOf(field);
                inside.Add(field.FieldType);
            }

            if (type.BaseType is { } baseType) inside.Add(baseType);
        }

        return inside.Select(one => FirstLeftOut(one, seen)).FirstOrDefault(static found => found is not null);
    }

    private static bool IsLeftOut(Type type, GenerateSerializerAttribute generated, FieldInfo field)
    {
        if (IdOf(field) is not null || field.IsDefined(typeof(NonSerializedAttribute))) return false;

        // Members that a primary constructor makes have an id by their order in it.
        var name = NameOf(field);
        if ((IsRecord(type) || generated.IncludePrimaryConstructorParameters)
            && type.GetConstructors(Declared)
                .SelectMany(static made => made.GetParameters()).Any(one => one.Name == name))
            return false;
        return generated.GenerateFieldIds != GenerateFieldIds.PublicProperties
            || PropertyOf(field)?.GetMethod?.IsPublic != true;
    }

    // The compiler's own fields are named <name> and more.
    private static string NameOf(FieldInfo field) => field.Name.Split('>')[0].TrimStart('<');

    private static PropertyInfo? PropertyOf(FieldInfo field)
    {
        var isBackingField = field.IsDefined(typeof(CompilerGeneratedAttribute))
            && field.Name.EndsWith(BackingFieldSuffix, StringComparison.Ordinal);
        return isBackingField
            ? field.DeclaringType!.GetProperty(field.Name[1..^BackingFieldSuffix.Length], Declared)
            : null;
    }

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", Declared) is not null;
}
