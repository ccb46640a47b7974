using System.Collections.Concurrent;

namespace Granary.Runtime;

/// <summary>Pending appends to be used again: an append then costs its caller no task.</summary>
internal sealed class PendingAppendPool
{
    private const int KeptMax = 4_096;

    private readonly ConcurrentQueue<PendingAppend> _idle = new();
    private int _count;

    public PendingAppend Rent(Append append, long sentAt, IAppendCaller? caller = null)
    {
        if (_idle.TryDequeue(out var pending)) Interlocked.Decrement(ref _count);
        else pending = new PendingAppend(this);
        return pending.For(append, sentAt, caller);
    }

    public void Return(PendingAppend pending)
    {
        if (Interlocked.Increment(ref _count) <= KeptMax) _idle.Enqueue(pending);
        else Interlocked.Decrement(ref _count);
    }
}
