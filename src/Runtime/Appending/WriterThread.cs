using System.Collections.Concurrent;

namespace Granary.Runtime;

/// <summary>
/// A thread for one writer. On the pool a writer would be queued after the turns of all grains, and the disk would
/// idle meanwhile; and a store may block the thread that commits.
/// </summary>
internal sealed class WriterThread : TaskScheduler
{
    // The next append of a caller that was just answered comes within microseconds: waking a thread takes longer.
    private const int SpinsBeforeSleep = 35;

    private readonly ConcurrentQueue<Task> _tasks = new();
    private readonly ManualResetEventSlim _signal = new(initialState: false, SpinsBeforeSleep);
    private volatile bool _ended;

    private WriterThread()
    {
    }

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs work, and all that it awaits, on a thread of its own, which ends with it.</summary>
    public static Task Run(string name, Func<Task> work)
    {
        var scheduler = new WriterThread();
        var done = Task.Factory.StartNew(
            work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler).Unwrap();
        done.ContinueWith(
            static (_, state) => ((WriterThread)state!).End(), scheduler, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, Default);
        new Thread(scheduler.RunAll) { Name = name, IsBackground = true }.UnsafeStart();
        return done;
    }

    protected override void QueueTask(Task task)
    {
        _tasks.Enqueue(task);
        _signal.Set();
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks.ToArray();

    private void End()
    {
        _ended = true;
        _signal.Set();
    }

    private void RunAll()
    {
        while (!_ended)
        {
            _signal.Reset();
            while (_tasks.TryDequeue(out var task)) TryExecuteTask(task);
            if (!_ended) _signal.Wait();
        }

        _signal.Dispose();
    }
}
