using System.Reflection;

namespace Granary.Runtime;

/// <summary>
/// Puts the entries of a copied dictionary or set where they are found again: a key that is equal to itself alone has
/// another hash in the copy than the original's key had.
/// </summary>
internal static class HashedCollections
{
    private const BindingFlags Own = BindingFlags.Static | BindingFlags.NonPublic;

    private static readonly MethodInfo Dictionary = typeof(HashedCollections).GetMethod(nameof(RehashDictionary), Own)!;
    private static readonly MethodInfo Set = typeof(HashedCollections).GetMethod(nameof(RehashSet), Own)!;

    public static void Rehash(object collection)
    {
        for (var type = collection.GetType(); type is not null; type = type.BaseType)
        {
            if (!type.IsGenericType) continue;
            var arguments = type.GetGenericArguments();
            if (arguments[0].IsPrimitive || arguments[0] == typeof(string)) continue;
            var definition = type.GetGenericTypeDefinition();
            var rehash = definition == typeof(Dictionary<,>) ? Dictionary
                : definition == typeof(HashSet<>) ? Set : null;
            rehash?.MakeGenericMethod(arguments).Invoke(null, [collection]);
        }
    }

    private static void RehashDictionary<TKey, TValue>(Dictionary<TKey, TValue> dictionary)
        where TKey : notnull
    {
        var entries = dictionary.ToArray();
        dictionary.Clear();
        foreach (var (key, value) in entries) dictionary.Add(key, value);
    }

    private static void RehashSet<T>(HashSet<T> set)
    {
        var entries = set.ToArray();
        set.Clear();
        set.UnionWith(entries);
    }
}
