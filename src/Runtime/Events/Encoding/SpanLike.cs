using System.Collections.Concurrent;
using System.Reflection;

namespace Granary.Runtime;

/// <summary>Parts of arrays, which are compared by their elements: their offset and their array are not kept.</summary>
internal static class SpanLike
{
    private static readonly HashSet<Type> Kinds = [typeof(Memory<>), typeof(ReadOnlyMemory<>), typeof(ArraySegment<>)];

    private static readonly ConcurrentDictionary<Type, MethodInfo?> Copies = new();

    /// <summary>The elements of two values, where they are parts of arrays.</summary>
    public static (Array Raised, Array Read)? TryAsArrays(object raised, object read) =>
        Copies.GetOrAdd(raised.GetType(), MethodOf) is { } copy && IsThere(raised) && IsThere(read)
            ? ((Array)copy.Invoke(raised, null)!, (Array)copy.Invoke(read, null)!)
            : null;

    private static MethodInfo? MethodOf(Type type) =>
        type.IsGenericType && Kinds.Contains(type.GetGenericTypeDefinition())
            ? type.GetMethod("ToArray", Type.EmptyTypes)
            : null;

    // A segment of no array throws instead of being empty; its fields are compared.
    private static bool IsThere(object value) =>
        value.GetType().GetProperty("Array") is not { } array || array.GetValue(value) is not null;
}
