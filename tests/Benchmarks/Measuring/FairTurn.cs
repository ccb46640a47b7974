using System.Runtime.CompilerServices;

namespace Granary.Benchmarks;

/// <summary>
/// A caller's way to let everybody else go first, by awaiting it; allocates nothing. A thread of the pool prefers what
/// it has queued itself, so a caller whose answers come on its own thread would be served for ever, the others never.
/// </summary>
internal sealed class FairTurn : ICriticalNotifyCompletion, IThreadPoolWorkItem
{
    private Action? _next;

    public bool IsCompleted => false;

    public FairTurn GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        _next = continuation;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => _next!();
}
