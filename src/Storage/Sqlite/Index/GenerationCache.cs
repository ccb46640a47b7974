using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Granary.Storage.Sqlite;

/// <summary>
/// Remembers what never changes, within a bound: entries fill a young generation, which becomes the old one when it is
/// full, and what is used again moves over. Cheaper than a list of uses, and never empty at once.
/// </summary>
internal sealed class GenerationCache<TKey, TValue>(int countMax)
    where TKey : notnull
{
    private readonly int _generationMax = Math.Max(1, countMax / 2);
    private ConcurrentDictionary<TKey, TValue> _young = new();
    private ConcurrentDictionary<TKey, TValue> _old = new();
    private int _count;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_young.TryGetValue(key, out value)) return true;
        if (!_old.TryGetValue(key, out value)) return false;
        Keep(key, value);
        return true;
    }

    public void Keep(TKey key, TValue value)
    {
        if (!_young.TryAdd(key, value) || Interlocked.Increment(ref _count) < _generationMax) return;
        _count = 0;
        _old = Interlocked.Exchange(ref _young, new ConcurrentDictionary<TKey, TValue>());
    }
}
