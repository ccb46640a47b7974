using System.Collections.Concurrent;

namespace Granary.Tests.Unit.Journaling;

/// <summary>
/// The turns of one grain, run on the test's thread when the test calls for it: what is scheduled waits in a queue, so
/// the order of everything is the test's choice.
/// </summary>
internal sealed class TurnScheduler : TaskScheduler, IWorkItemScheduler
{
    private readonly ConcurrentQueue<Task> _turns = [];

    /// <summary>Whether nothing waits for its turn.</summary>
    public bool IsIdle => _turns.IsEmpty;

    /// <summary>Runs the next turn; false where there is none.</summary>
    public bool RunOne()
    {
        if (!_turns.TryDequeue(out var turn)) return false;

        // The runner's own context would take what is awaited in a turn to another thread.
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            TryExecuteTask(turn);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        return true;
    }

    /// <summary>Runs turns until none waits.</summary>
    public void RunAll()
    {
        for (var turns = 0; RunOne(); turns++)
        {
            if (turns > 100_000) throw new InvalidOperationException("The turns do not end.");
        }
    }

    /// <summary>Schedules a call of the grain; what it awaits comes back to these turns.</summary>
    public Task<TResult> Call<TResult>(Func<Task<TResult>> call)
    {
        var called = new Task<Task<TResult>>(call);
        called.Start(this);
        return called.Unwrap();
    }

    public void QueueAction(Action action) => new Task(action).Start(this);

    public void QueueAction(Action<object> action, object state) => new Task(action!, state).Start(this);

    void IWorkItemScheduler.QueueTask(Task task) => task.Start(this);

    public void QueueWorkItem(IThreadPoolWorkItem workItem) => new Task(workItem.Execute).Start(this);

    protected override void QueueTask(Task task) => _turns.Enqueue(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [.. _turns];
}
