using System.Reflection;

namespace Granary.Runtime;

/// <summary>
/// Decides whether the objects of a type, and all that they refer to, stay as they are once they are made. Where in
/// doubt they do not: a wrong no costs one decoding; a wrong yes is a state that changes without an event.
/// </summary>
internal static class EventImmutability
{
    private const BindingFlags OwnFields =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Whether objects of exactly this type may be held by two owners.</summary>
    /// <remarks>What is not stored is known to the raised object alone: objects with such members have one owner.
    /// </remarks>
    public static bool IsShareable(Type type) => !type.IsAbstract && IsDeeplyImmutable(type, []);

    // A type that contains itself counts as immutable where it is met again: its other members decide.
    private static bool IsDeeplyImmutable(Type type, HashSet<Type> seen) =>
        IsValue(type) || (!ContentFields.AreExcludedFrom(type) && IsDeeplyImmutableInside(type, seen));

    private static bool IsDeeplyImmutableInside(Type type, HashSet<Type> seen) =>
        type.IsDefined(typeof(ImmutableAttribute), inherit: false) || !seen.Add(type)
        || (!type.IsArray && FieldsOf(type).All(field => field.IsInitOnly && IsDeeplyImmutableIn(field, seen)));

    private static bool IsDeeplyImmutableIn(FieldInfo field, HashSet<Type> seen)
    {
        var type = field.FieldType;
        if (!type.IsValueType) return IsValue(type) || (type.IsSealed && IsDeeplyImmutable(type, seen));

        // A struct in a read-only field is read-only whatever it is made of; only what it refers to counts.
        return IsValue(type) || (!ContentFields.AreExcludedFrom(type)
            && (type.IsDefined(typeof(ImmutableAttribute), inherit: false) || !seen.Add(type)
                || FieldsOf(type).All(inner => IsDeeplyImmutableIn(inner, seen))));
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
