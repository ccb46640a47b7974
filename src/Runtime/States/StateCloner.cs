using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Granary.Runtime;

/// <summary>
/// Copies an object with all that hangs on it, field by field, for state types that Orleans cannot copy. What is shared
/// inside the original is shared inside the copy; text, types, delegates and comparers are not copied.
/// </summary>
internal static class StateCloner
{
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Fields = new();
    private static readonly ConcurrentDictionary<Type, bool> Referring = new();

    private static readonly MethodInfo Shallow = typeof(object)
        .GetMethod(nameof(MemberwiseClone), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private static readonly MethodInfo Refers = typeof(RuntimeHelpers)
        .GetMethod(nameof(RuntimeHelpers.IsReferenceOrContainsReferences))!;

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
            else CloneFields(next, copies, open);
        }

        // Last, because a key's hash may depend on anything inside it.
        foreach (var one in copies.Values) HashedCollections.Rehash(one);
        return (T)copy;
    }

    private static object CopyOf(object original, Dictionary<object, object> copies, Stack<object> open)
    {
        if (IsShared(original)) return original;
        if (original is ValueType)
        {
            // At once and not by the stack: a struct is put into its place by value, so it has to be whole before that.
            // Structs cannot hold themselves, so this goes no deeper than their types are nested.
            var box = Shallow.Invoke(original, null)!;
            CloneFields(box, copies, open);
            return box;
        }

        if (copies.TryGetValue(original, out var known)) return known;
        var copy = Shallow.Invoke(original, null)!;
        copies.Add(original, copy);
        open.Push(copy);
        return copy;
    }

    private static void CloneFields(object target, Dictionary<object, object> copies, Stack<object> open)
    {
        foreach (var field in Fields.GetOrAdd(target.GetType(), static type => FieldsOf(type).ToArray()))
        {
            if (field.GetValue(target) is { } value) field.SetValue(target, CopyOf(value, copies, open));
        }
    }

    private static void CloneElements(Array array, Dictionary<object, object> copies, Stack<object> open)
    {
        if (array.Length == 0 || !CanHoldReferences(array.GetType().GetElementType()!)) return;
        var at = Enumerable.Range(0, array.Rank).Select(array.GetLowerBound).ToArray();
        do
        {
            if (array.GetValue(at) is { } value) array.SetValue(CopyOf(value, copies, open), at);
        }
        while (Advance(at, array));
    }

    private static bool Advance(int[] at, Array array)
    {
        for (var rank = at.Length - 1; rank >= 0; rank--)
        {
            if (++at[rank] <= array.GetUpperBound(rank)) return true;
            at[rank] = array.GetLowerBound(rank);
        }

        return false;
    }

    private static bool IsShared(object value) =>
        value is string or Type or Delegate or MemberInfo || value is IEqualityComparer or IComparer
            || !CanHoldReferences(value.GetType());

    private static bool CanHoldReferences(Type type) => !type.IsPointer && type != typeof(string)
        && (!type.IsValueType || Referring.GetOrAdd(
            type, static type => (bool)Refers.MakeGenericMethod(type).Invoke(null, null)!));

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
