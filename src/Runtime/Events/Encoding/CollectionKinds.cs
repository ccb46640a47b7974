using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace Granary.Runtime;

/// <summary>
/// The collections of .NET that are compared by their elements and comparers: how they store these is their own matter.
/// </summary>
internal static class CollectionKinds
{
    private static readonly HashSet<Type> Ordered =
    [
        typeof(List<>), typeof(Queue<>), typeof(Stack<>), typeof(LinkedList<>), typeof(HashSet<>),
        typeof(Dictionary<,>), typeof(OrderedDictionary<,>), typeof(SortedSet<>), typeof(SortedDictionary<,>),
        typeof(SortedList<,>), typeof(Collection<>), typeof(ReadOnlyCollection<>), typeof(ObservableCollection<>),
        typeof(ReadOnlyObservableCollection<>), typeof(ImmutableList<>), typeof(ImmutableQueue<>),
        typeof(ImmutableStack<>), typeof(ImmutableSortedSet<>), typeof(ImmutableSortedDictionary<,>),
        typeof(ConcurrentQueue<>), typeof(ConcurrentStack<>), typeof(ConcurrentBag<>), typeof(ArrayList),
        typeof(BitArray),
    ];

    // The order of these follows from hashes, which differ from process to process.
    private static readonly HashSet<Type> Unordered =
    [
        typeof(ImmutableHashSet<>), typeof(ImmutableDictionary<,>), typeof(FrozenSet<>), typeof(FrozenDictionary<,>),
        typeof(ConcurrentDictionary<,>),
    ];

    private static readonly HashSet<Type> ReadOnlySequences =
        [typeof(IEnumerable<>), typeof(IReadOnlyCollection<>), typeof(IReadOnlyList<>)];

    private static readonly HashSet<Type> Lists =
        [typeof(List<>), typeof(ReadOnlyCollection<>), typeof(ImmutableArray<>), typeof(ImmutableList<>)];

    /// <summary>The class of .NET that a collection is or derives from, or null.</summary>
    public static Type? BaseOf(Type type)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            if (Ordered.Contains(DefinitionOf(at)) || Unordered.Contains(DefinitionOf(at))) return at;
        }

        return null;
    }

    /// <summary>Whether the order of a collection's elements is part of what it is.</summary>
    public static bool IsOrdered(Type collection) => !Unordered.Contains(DefinitionOf(collection));

    /// <summary>What its elements are declared as.</summary>
    public static Type ElementOf(Type collection) => collection.GetInterfaces()
        .FirstOrDefault(static one => DefinitionOf(one) == typeof(IEnumerable<>))?.GetGenericArguments()[0]
        ?? typeof(object);

    /// <summary>Whether a member promises elements in an order, and nothing else.</summary>
    public static bool IsReadOnlySequence(Type declared) =>
        declared.IsInterface && ReadOnlySequences.Contains(DefinitionOf(declared));

    /// <summary>
    /// Whether a value in such a member is a list of fixed content, with no promise of its own beside that order.
    /// </summary>
    public static bool IsList(object value) => value.GetType().IsSZArray
        || Lists.Contains(DefinitionOf(value.GetType()))
        || value.GetType().Name.StartsWith("<>z__ReadOnly", StringComparison.Ordinal);

    private static Type DefinitionOf(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;
}
