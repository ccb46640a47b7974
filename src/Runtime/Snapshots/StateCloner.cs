using System.Collections.Concurrent;
using System.Reflection;

namespace Granary.Runtime;

/// <summary>
/// Copies an object with all that hangs on it, field by field, for state types that Orleans cannot copy. What is shared
/// inside the original is shared inside the copy; text, types and delegates are not copied.
/// </summary>
internal static class StateCloner
{
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Fields = new();

    private static readonly MethodInfo Shallow = typeof(object)
        .GetMethod(nameof(MemberwiseClone), BindingFlags.Instance | BindingFlags.NonPublic)!;

    public static T Clone<T>(T original)
        where T : class
    {
        var copies = new Dictionary<object, object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<object>();
        var copy = CopyOf(original, copies, open);

        // A stack of its own: a long list of nodes must not overflow the thread's.
        while (open.TryPop(out var next))
        {
            if (next is Array array) CloneElements(array, copies, open);
            else CloneFields(next, next.GetType(), copies, open);
        }

        return (T)copy;
    }

    private static object CopyOf(object original, Dictionary<object, object> copies, Stack<object> open)
    {
        if (IsShared(original)) return original;
        if (copies.TryGetValue(original, out var known)) return known;
        var copy = Shallow.Invoke(original, null)!;
        copies.Add(original, copy);
        open.Push(copy);
        return copy;
    }

    private static void CloneFields(object target, Type type, Dictionary<object, object> copies, Stack<object> open)
    {
        foreach (var field in Fields.GetOrAdd(type, static type => FieldsOf(type).ToArray()))
        {
            if (field.GetValue(target) is { } value) field.SetValue(target, CopyOf(value, copies, open));
        }
    }

    private static void CloneElements(Array array, Dictionary<object, object> copies, Stack<object> open)
    {
        if (!CanHoldReferences(array.GetType().GetElementType()!)) return;
        if (array.Rank != 1)
            throw new NotSupportedException("A state with arrays of several dimensions needs a copier of Orleans'.");
        for (var at = 0; at < array.Length; at++)
        {
            if (array.GetValue(at) is { } value) array.SetValue(CopyOf(value, copies, open), at);
        }
    }

    // Boxed structs are copied like objects: their fields may refer to what must not be shared.
    private static bool IsShared(object value) =>
        value is string or Type or Delegate or MemberInfo or System.Collections.IEqualityComparer
            || !CanHoldReferences(value.GetType());

    private static bool CanHoldReferences(Type type) => !type.IsPrimitive && !type.IsEnum && !type.IsPointer
        && type != typeof(decimal) && type != typeof(Guid) && type != typeof(DateTime) && type != typeof(DateTimeOffset)
        && type != typeof(TimeSpan) && type != typeof(string);

    private static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            foreach (var field in at.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (CanHoldReferences(field.FieldType)) yield return field;
            }
        }
    }
}
