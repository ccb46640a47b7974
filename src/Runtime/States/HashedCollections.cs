using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;

namespace Granary.Runtime;

/// <summary>
/// Puts the entries of a copied dictionary or set where they are found again: a key that is equal to itself alone has
/// another hash in the copy than the original's key had.
/// </summary>
internal static class HashedCollections
{
    private static readonly ConcurrentDictionary<Type, Func<object, bool>?> Found = new();

    private static readonly Dictionary<Type, string> Methods = new()
    {
        [typeof(Dictionary<,>)] = nameof(RehashDictionary),
        [typeof(OrderedDictionary<,>)] = nameof(RehashDictionary),
        [typeof(ConcurrentDictionary<,>)] = nameof(RehashDictionary),
        [typeof(HashSet<>)] = nameof(RehashSet),
        [typeof(ImmutableDictionary<,>)] = nameof(RebuildDictionary),
        [typeof(ImmutableHashSet<>)] = nameof(RebuildSet),
        [typeof(FrozenDictionary<,>)] = nameof(RebuildFrozenDictionary),
        [typeof(FrozenSet<>)] = nameof(RebuildFrozenSet),
    };

    /// <summary>Whether objects of this type have to be rehashed in a copy.</summary>
    public static bool IsHashed(Type type) => Find(type) is not null;

    /// <summary>Rehashes a collection in place; false where it cannot be.</summary>
    public static bool TryRehash(object collection) => Find(collection.GetType())?.Invoke(collection) ?? true;

    private static Func<object, bool>? Find(Type type) => Found.GetOrAdd(type, static type =>
    {
        if (typeof(Hashtable).IsAssignableFrom(type)) return RehashTable;
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (!at.IsGenericType || !Methods.TryGetValue(at.GetGenericTypeDefinition(), out var name)) continue;
            var arguments = at.GetGenericArguments();
            if (StateKinds.Of(arguments[0]) == StateKind.Value) return null;
            var method = typeof(HashedCollections).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!;
            return method.MakeGenericMethod(arguments).CreateDelegate<Func<object, bool>>();
        }

        return null;
    });

    private static bool RehashTable(object collection)
    {
        var table = (Hashtable)collection;
        var entries = table.Cast<DictionaryEntry>().ToArray();
        table.Clear();
        foreach (var entry in entries) table.Add(entry.Key, entry.Value);
        return true;
    }

    private static bool RehashDictionary<TKey, TValue>(object collection)
        where TKey : notnull
    {
        var dictionary = (IDictionary<TKey, TValue>)collection;
        var entries = dictionary.ToArray();
        dictionary.Clear();
        foreach (var (key, value) in entries) dictionary.Add(key, value);
        return true;
    }

    private static bool RehashSet<T>(object collection)
    {
        var set = (HashSet<T>)collection;
        var entries = set.ToArray();
        set.Clear();
        set.UnionWith(entries);
        return true;
    }

    private static bool RebuildDictionary<TKey, TValue>(object collection)
        where TKey : notnull
    {
        var old = (ImmutableDictionary<TKey, TValue>)collection;

        // Made of its entries: made of the collection, it would be the same again.
        var entries = old.ToArray();
        return TryBecome(collection, ImmutableDictionary.CreateRange(old.KeyComparer, old.ValueComparer, entries));
    }

    private static bool RebuildSet<T>(object collection)
    {
        var old = (ImmutableHashSet<T>)collection;
        return TryBecome(collection, ImmutableHashSet.CreateRange(old.KeyComparer, old.ToArray()));
    }

    private static bool RebuildFrozenDictionary<TKey, TValue>(object collection)
        where TKey : notnull
    {
        var old = (FrozenDictionary<TKey, TValue>)collection;
        return TryBecome(collection, old.ToDictionary().ToFrozenDictionary(old.Comparer));
    }

    private static bool RebuildFrozenSet<T>(object collection)
    {
        var old = (FrozenSet<T>)collection;
        return TryBecome(collection, old.ToArray().ToFrozenSet(old.Comparer));
    }

    // What has no method to change it is given the fields of one that was built anew.
    private static bool TryBecome(object target, object source)
    {
        if (target.GetType() != source.GetType()) return false;
        foreach (var field in StateKinds.FieldsOf(target.GetType())) field.SetValue(target, field.GetValue(source));
        return true;
    }
}
