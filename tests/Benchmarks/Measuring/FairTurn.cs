using System.Runtime.CompilerServices;

namespace Granary.Benchmarks;

/// <summary>
/// Awaiting it lets everybody else go first. A thread of the pool prefers what it has queued itself, so a caller whose
/// answers come on its own thread would be served for ever, and the other callers never.
/// </summary>
internal readonly struct FairTurn : ICriticalNotifyCompletion
{
    public bool IsCompleted => false;

    public FairTurn GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) => ThreadPool.UnsafeQueueUserWorkItem(
        static next => next(), continuation, preferLocal: false);
}
