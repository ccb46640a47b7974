using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Granary;

/// <summary>
/// Caches what never changes, within a bound of memory. Entries are added to a young generation; when that is full it
/// becomes the old one, and the old one is dropped. An entry of the old generation that is used again becomes young.
/// </summary>
/// <param name="bytesMax">About how much memory its entries take at most.</param>
/// <param name="bytesOf">About how much memory an entry takes.</param>
internal sealed class GenerationCache<TKey, TValue>(long bytesMax, Func<TKey, TValue, int> bytesOf)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private ConcurrentDictionary<TKey, TValue> _young = new();
    private ConcurrentDictionary<TKey, TValue> _old = new();
    private long _youngBytes;

    /// <summary>How many entries it has.</summary>
    public int Count => _young.Count + _old.Count;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_young.TryGetValue(key, out value)) return true;
        if (!_old.TryGetValue(key, out value)) return false;
        Add(key, value);
        return true;
    }

    public void Add(TKey key, TValue value)
    {
        if (!_young.TryAdd(key, value)) return;
        if (Interlocked.Add(ref _youngBytes, bytesOf(key, value)) < bytesMax / 2) return;
        lock (_lock)
        {
            if (Interlocked.Read(ref _youngBytes) < bytesMax / 2) return;
            _old = _young;
            _young = new ConcurrentDictionary<TKey, TValue>();
            Interlocked.Exchange(ref _youngBytes, 0);
        }
    }
}
