using System.Reflection;
using System.Runtime.CompilerServices;

namespace Granary.Runtime;

/// <summary>
/// Finds what Orleans' serializer would leave out of a state: it carries the members with an <c>[Id]</c> and silently
/// drops the others, so that a snapshot, or a copy, of such a state would have lost them.
/// </summary>
internal static class SerializedMembers
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The first member left out of the type or of what it is made of, or null where nothing is.</summary>
    public static string? FirstLeftOut(Type type) => FirstLeftOut(type, []);

    /// <summary>The number that a field, or the property that it is behind, is written under, if any.</summary>
    public static uint? IdOf(FieldInfo field) =>
        (field.GetCustomAttribute<IdAttribute>() ?? PropertyOf(field)?.GetCustomAttribute<IdAttribute>())?.Id;

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
                if (!IsCarried(type, generated, field)) return $"{type}.{NameOf(field)}";
                inside.Add(field.FieldType);
            }

            if (type.BaseType is { } baseType) inside.Add(baseType);
        }

        return inside.Select(one => FirstLeftOut(one, seen)).FirstOrDefault(static found => found is not null);
    }

    private static bool IsCarried(Type type, GenerateSerializerAttribute generated, FieldInfo field)
    {
        if (IdOf(field) is not null) return true;

        // Members that a primary constructor makes have an id by their place in it.
        var name = NameOf(field);
        if ((IsRecord(type) || generated.IncludePrimaryConstructorParameters)
            && type.GetConstructors(Declared)
                .SelectMany(static made => made.GetParameters()).Any(one => one.Name == name))
            return true;
        return generated.GenerateFieldIds == GenerateFieldIds.PublicProperties
            && PropertyOf(field)?.GetMethod?.IsPublic == true;
    }

    // As the application wrote it: the compiler's own fields are named <name> and more.
    private static string NameOf(FieldInfo field) => field.Name.Split('>')[0].TrimStart('<');

    private static PropertyInfo? PropertyOf(FieldInfo field)
    {
        const string suffix = ">k__BackingField";
        var isBehind = field.IsDefined(typeof(CompilerGeneratedAttribute))
            && field.Name.EndsWith(suffix, StringComparison.Ordinal);
        return isBehind ? field.DeclaringType!.GetProperty(field.Name[1..^suffix.Length], Declared) : null;
    }

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", Declared) is not null;
}
