using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Granary.Runtime;

/// <summary>
/// Copies a state with all its parts, field by field. What is shared inside the original is shared inside the copy.
/// Values that never change and objects that are not the state's own are not copied but shared.
/// </summary>
internal sealed class StateCloner
{
    /// <summary>How many objects a copy may have.</summary>
    public const long ObjectsMax = 4_000_000;

    /// <summary>How many bytes the arrays of a copy may take.</summary>
    public const long BytesMax = 512L * 1024 * 1024;

    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Fields = new();

    private static readonly MethodInfo Shallow = typeof(object)
        .GetMethod(nameof(MemberwiseClone), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private readonly Dictionary<object, object> _copies = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<(object Copy, FieldInfo? Member)> _open = new();
    private readonly List<object> _hashed = [];
    private readonly Type _stateType;
    private readonly long _objectsMax;
    private readonly long _bytesMax;
    private FieldInfo? _member;
    private long _bytes;

    private StateCloner(Type stateType, long objectsMax, long bytesMax) =>
        (_stateType, _objectsMax, _bytesMax) = (stateType, objectsMax, bytesMax);

    /// <summary>Copies a state.</summary>
    /// <exception cref="StateNotSupportedException">A member holds what can be neither copied nor shared.</exception>
    /// <exception cref="LimitExceededException">The state is larger than a copy may be.</exception>
    public static T Clone<T>(T original, long objectsMax = ObjectsMax, long bytesMax = BytesMax)
        where T : class => (T)new StateCloner(typeof(T), objectsMax, bytesMax).Clone(original);

    private object Clone(object original)
    {
        var copy = CopyOf(original);

        // A stack of its own: a long list of nodes must not overflow the thread's.
        while (_open.TryPop(out var next))
        {
            _member = next.Member;
            if (next.Copy is Array array) CloneElements(array);
            else CloneFields(next.Copy);
        }

        // Last, because a key's hash may depend on anything inside it; the innermost first.
        for (var at = _hashed.Count - 1; at >= 0; at--)
        {
            if (!HashedCollections.TryRehash(_hashed[at]))
                throw new StateNotSupportedException(
                    _stateType, _hashed[at].GetType().ToString(), "its keys cannot be found again in a copy.");
        }

        return copy;
    }

    private object CopyOf(object original)
    {
        var type = original.GetType();
        switch (StateKinds.Of(type))
        {
            case StateKind.Value or StateKind.Foreign:
                return original;
            case StateKind.Refused:
                throw new StateNotSupportedException(
                    _stateType, NameOf(_member), $"a {type} can be neither copied nor shared.");
        }

        if (original is ValueType)
        {
            // At once and not by the stack: a struct is set by value, so it has to be complete before that. Structs
            // cannot hold themselves, so this goes no deeper than their types are nested.
            var box = Shallow.Invoke(original, null)!;
            CloneFields(box);
            return box;
        }

        if (_copies.TryGetValue(original, out var known)) return known;
        if (original is JsonNode node) return CopyOf(node);
        var copy = Shallow.Invoke(original, null)!;
        Add(original, copy);
        _open.Push((copy, _member));
        if (HashedCollections.IsHashed(type)) _hashed.Add(copy);
        return copy;
    }

    private void Add(object original, object copy)
    {
        _copies.Add(original, copy);
        LimitExceededException.ThrowIfOver(
            _objectsMax, _copies.Count, $"number of objects in state {_stateType}", "Keep less in the state.");
        if (copy is not Array array) return;
        _bytes += array.LongLength * SizeOf(array.GetType().GetElementType()!);
        LimitExceededException.ThrowIfOver(
            _bytesMax, _bytes, $"memory of the arrays in state {_stateType}", "Keep less in the state.");
    }

    // A tree of JSON is copied whole, from its root, since each node refers to its parent.
    private object CopyOf(JsonNode node)
    {
        var open = new Stack<(JsonNode Original, JsonNode Copy)>();
        open.Push((node.Root, node.Root.DeepClone()));
        while (open.TryPop(out var pair))
        {
            Add(pair.Original, pair.Copy);
            if (pair.Original is JsonObject from && pair.Copy is JsonObject to)
            {
                foreach (var (name, child) in from)
                    if (child is not null) open.Push((child, to[name]!));
            }
            else if (pair.Original is JsonArray items)
            {
                for (var at = 0; at < items.Count; at++)
                    if (items[at] is { } child) open.Push((child, pair.Copy[at]!));
            }
        }

        return _copies[node];
    }

    private void CloneFields(object target)
    {
        foreach (var field in Fields.GetOrAdd(target.GetType(), static type =>
            [.. StateKinds.FieldsOf(type).Where(static field => StateKinds.CanHoldReferences(field.FieldType))]))
        {
            if (field.GetValue(target) is not { } value) continue;
            if (!StateKinds.IsFramework(field.DeclaringType!)) _member = field;
            var isDropped = field.IsDefined(typeof(NonSerializedAttribute))
                && StateKinds.Of(value.GetType()) == StateKind.Refused;
            field.SetValue(target, isDropped ? null : CopyOf(value));
        }
    }

    private void CloneElements(Array array)
    {
        if (array.Length == 0 || !StateKinds.CanHoldReferences(array.GetType().GetElementType()!)) return;
        if (array is object?[] objects)
        {
            for (var at = 0; at < objects.Length; at++)
                if (objects[at] is { } value) objects[at] = CopyOf(value);
            return;
        }

        var indices = Enumerable.Range(0, array.Rank).Select(array.GetLowerBound).ToArray();
        do
        {
            if (array.GetValue(indices) is { } value) array.SetValue(CopyOf(value), indices);
        }
        while (Advance(indices, array));
    }

    private static bool Advance(int[] indices, Array array)
    {
        for (var rank = indices.Length - 1; rank >= 0; rank--)
        {
            if (++indices[rank] <= array.GetUpperBound(rank)) return true;
            indices[rank] = array.GetLowerBound(rank);
        }

        return false;
    }

    private static long SizeOf(Type element) =>
        element is { IsPrimitive: true } ? Marshal.SizeOf(element) : IntPtr.Size;

    private static string NameOf(FieldInfo? member) =>
        member is null ? "the state itself" : SerializedMembers.FullNameOf(member);
}
