using System.Collections;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Granary.Runtime;

/// <summary>
/// Compares two states with all their parts: types, values, order, comparers, and what is shared inside each. It does
/// not depend on serialization, so it finds what a serializer lost.
/// </summary>
internal sealed class StateComparison
{
    private readonly Dictionary<object, object> _pairs = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<object, object> _reverse = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<(object One, object Other, string Member)> _open = new();
    private string? _difference;

    /// <summary>The first member in which two states differ, or null where they are the same.</summary>
    public static string? FirstDifference(object one, object other)
    {
        var comparison = new StateComparison();
        comparison.Compare(one, other, one.GetType().ToString());
        while (comparison._difference is null && comparison._open.TryPop(out var next))
            comparison.CompareParts(next.One, next.Other, next.Member);
        return comparison._difference;
    }

    private void Compare(object? one, object? other, string member)
    {
        if (_difference is not null || (one is null && other is null)) return;
        if (one is null || other is null || one.GetType() != other.GetType())
        {
            _difference = member;
            return;
        }

        var type = one.GetType();
        if (StateKinds.Of(type) != StateKind.Owned)
        {
            if (!IsSame(one, other)) _difference = member;
        }
        else if (type.IsValueType)
        {
            CompareFields(one, other, StateKinds.FieldsOf(type), member);
        }
        else if (_pairs.TryGetValue(one, out var known) || _reverse.ContainsKey(other))
        {
            // What is one object in the one state must be one in the other: a later change would show the difference.
            if (!ReferenceEquals(known, other)) _difference = member;
        }
        else
        {
            _pairs.Add(one, other);
            _reverse.Add(other, one);
            _open.Push((one, other, member));
        }
    }

    private static bool IsSame(object one, object other) => (one, other) switch
    {
        (double a, double b) => BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b),
        (float a, float b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b),
        (Half a, Half b) => BitConverter.HalfToInt16Bits(a) == BitConverter.HalfToInt16Bits(b),
        (DateTime a, DateTime b) => a == b && a.Kind == b.Kind,
        (DateTimeOffset a, DateTimeOffset b) => a.EqualsExact(b),
        (decimal a, decimal b) => decimal.GetBits(a).AsSpan().SequenceEqual(decimal.GetBits(b)),
        (ValueType a, ValueType b) when !a.GetType().IsPrimitive && !a.GetType().IsEnum => HaveSameFields(a, b),
        (Uri a, Uri b) => a.OriginalString == b.OriginalString,
        _ => ReferenceEquals(one, other) || one.Equals(other),
    };

    private static bool HaveSameFields(object one, object other) => StateKinds.FieldsOf(one.GetType()).All(field =>
        field.FieldType.IsPointer || IsSameOrNull(field.GetValue(one), field.GetValue(other)));

    private static bool IsSameOrNull(object? one, object? other) =>
        one is null ? other is null : other is not null && one.GetType() == other.GetType() && IsSame(one, other);

    private void CompareParts(object one, object other, string member)
    {
        if (one is Array array)
        {
            CompareElements(array, (Array)other, member);
            return;
        }

        if (one is JsonNode node)
        {
            if (!JsonNode.DeepEquals(node, (JsonNode)other)) _difference = member;
            return;
        }

        for (var level = one.GetType(); level is not null && level != typeof(object); level = level.BaseType)
        {
            if (StateKinds.IsFramework(level) && one is IEnumerable items)
            {
                CompareComparers(level, one, other, member);
                CompareItems(items, (IEnumerable)other, IsUnordered(level), member);
                return;
            }

            var fields = StateKinds.FieldsOf(level).Where(field => field.DeclaringType == level);
            if (level.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
            {
                CompareComputed(level, one, other);
                fields = fields.Where(static field => !field.IsDefined(typeof(NonSerializedAttribute)));
            }

            CompareFields(one, other, fields, member);
        }
    }

    private void CompareFields(object one, object other, IEnumerable<FieldInfo> fields, string member)
    {
        foreach (var field in fields)
        {
            var name = StateKinds.IsFramework(field.DeclaringType!) ? member : SerializedMembers.FullNameOf(field);
            Compare(field.GetValue(one), field.GetValue(other), name);
        }
    }

    // A property with an [Id] and no field of its own represents fields that are not serialized.
    private void CompareComputed(Type level, object one, object other)
    {
        foreach (var property in SerializedMembers.ComputedOf(level))
            Compare(property.GetValue(one), property.GetValue(other), $"{level}.{property.Name}");
    }

    private void CompareElements(Array one, Array other, string member)
    {
        for (var rank = 0; rank < one.Rank; rank++)
        {
            if (one.GetLowerBound(rank) == other.GetLowerBound(rank) && one.GetLength(rank) == other.GetLength(rank))
                continue;
            _difference = member;
            return;
        }

        if (one.GetType().GetElementType()!.IsPrimitive)
        {
            if (!BytesOf(one).SequenceEqual(BytesOf(other))) _difference = member;
            return;
        }

        CompareItems(one, other, isUnordered: false, member);
    }

    private static ReadOnlySpan<byte> BytesOf(Array array) => MemoryMarshal.CreateReadOnlySpan(
        ref MemoryMarshal.GetArrayDataReference(array), Buffer.ByteLength(array));

    private void CompareComparers(Type level, object one, object other, string member)
    {
        foreach (var name in new[] { "Comparer", "KeyComparer", "ValueComparer" })
        {
            if (level.GetProperty(name) is not { } property) continue;
            Compare(property.GetValue(one), property.GetValue(other), member);
        }
    }

    private void CompareItems(IEnumerable one, IEnumerable other, bool isUnordered, string member)
    {
        var (items, others) = (one.Cast<object?>().ToArray(), other.Cast<object?>().ToArray());
        if (items.Length != others.Length)
        {
            _difference = member;
            return;
        }

        if (isUnordered) others = Align(items, others) ?? others;
        for (var at = 0; at < items.Length && _difference is null; at++) Compare(items[at], others[at], member);
    }

    // Entries in the order of the others' keys, where the keys are values; else null.
    private static object?[]? Align(object?[] items, object?[] others)
    {
        var byKey = new Dictionary<object, object?>();
        foreach (var entry in others)
        {
            if (KeyOf(entry) is not { } key || StateKinds.Of(key.GetType()) != StateKind.Value) return null;
            if (!byKey.TryAdd(key, entry)) return null;
        }

        var aligned = new object?[items.Length];
        for (var at = 0; at < items.Length; at++)
        {
            if (KeyOf(items[at]) is not { } key || !byKey.TryGetValue(key, out aligned[at])) return null;
        }

        return aligned;
    }

    private static object? KeyOf(object? entry)
    {
        var type = entry?.GetType();
        return type is { IsGenericType: true } && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>)
            ? type.GetProperty("Key")!.GetValue(entry)
            : entry;
    }

    private static bool IsUnordered(Type type) => Array.Exists(type.GetInterfaces(), static one =>
        one.IsGenericType && (one.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)
            || one.GetGenericTypeDefinition() == typeof(IReadOnlySet<>)))
        && !type.Name.StartsWith("Sorted", StringComparison.Ordinal)
        && !type.Name.StartsWith("Ordered", StringComparison.Ordinal);
}
