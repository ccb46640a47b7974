using System.Reflection;

namespace Granary.Runtime;

/// <summary>
/// Finds out of a type whether its objects, and all that they refer to, can be changed once they are made. Where in
/// doubt they can: a wrong no costs a decoding, a wrong yes a state that changes behind the log's back.
/// </summary>
internal static class Sharing
{
    private const BindingFlags OwnFields =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Whether objects of exactly this type may be held by two owners.</summary>
    public static bool IsShareable(Type type) => !type.IsAbstract && IsFixed(type, []);

    // A type that is being looked at counts as fixed where it is met again: it is judged by its other members.
    private static bool IsFixed(Type type, HashSet<Type> seen) =>
        IsValue(type) || type.IsDefined(typeof(ImmutableAttribute), inherit: false) || !seen.Add(type)
        || (!type.IsArray && FieldsOf(type).All(field => field.IsInitOnly && IsFixedHere(field, seen)));

    private static bool IsFixedHere(FieldInfo field, HashSet<Type> seen)
    {
        var type = field.FieldType;
        if (!type.IsValueType) return IsValue(type) || (type.IsSealed && IsFixed(type, seen));

        // A struct in a read-only field is read-only whatever it is made of; only what it refers to counts.
        return IsValue(type) || type.IsDefined(typeof(ImmutableAttribute), inherit: false) || !seen.Add(type)
            || FieldsOf(type).All(inner => IsFixedHere(inner, seen));
    }

    private static bool IsValue(Type type) => type.IsPrimitive || type.IsEnum || type == typeof(string)
        || type == typeof(decimal) || type == typeof(Guid) || type == typeof(DateTime)
        || type == typeof(DateTimeOffset) || type == typeof(TimeSpan) || type == typeof(DateOnly)
        || type == typeof(TimeOnly) || type == typeof(Uri);

    private static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            foreach (var field in at.GetFields(OwnFields)) yield return field;
        }
    }
}
