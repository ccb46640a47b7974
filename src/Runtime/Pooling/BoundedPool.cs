using System.Collections.Concurrent;

namespace Granary.Runtime;

/// <summary>Objects to be used again, a bounded number of them; made where none is idle.</summary>
/// <param name="make">Makes one that is returned to the pool it is given.</param>
internal sealed class BoundedPool<T>(Func<BoundedPool<T>, T> make)
    where T : class
{
    private const int KeptMax = 4_096;

    private readonly ConcurrentQueue<T> _idle = new();
    private int _count;

    public T Rent()
    {
        if (!_idle.TryDequeue(out var one)) return make(this);
        Interlocked.Decrement(ref _count);
        return one;
    }

    /// <summary>Returns one, which must not be used any more.</summary>
    public void Return(T one)
    {
        if (Interlocked.Increment(ref _count) <= KeptMax) _idle.Enqueue(one);
        else Interlocked.Decrement(ref _count);
    }
}
