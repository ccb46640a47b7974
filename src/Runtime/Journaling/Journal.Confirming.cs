using System.Runtime.ExceptionServices;

namespace Granary.Runtime;

/// <remarks>
/// The usual command raises, confirms and waits. What it waits for is a task that has not begun: the answer's arrival
/// starts it in a turn of the grain, where it confirms and thereby ends. So a confirmation takes one task and one turn.
/// Where there is trouble first, the task is started when that is settled, and only tells how it ended.
/// </remarks>
internal sealed partial class Journal<TView, TEntry>
{
    // Waits for the append that is on its way; null where nobody does, or it was started.
    private Task<bool>? _confirmation;

    // How those that were started without an answer ended. They run in the order in which they were started.
    private Queue<Verdict>? _verdicts;

    public Task ConfirmSubmittedEntries()
    {
        Count("ConfirmSubmittedEntriesCalled");
        ThrowIfFailed();
        if (_pending.Count == 0) return Task.CompletedTask;
        if (CanGoOutWhole) return SendAndConfirm();
        var confirmed = WaitAsync();
        StartNow();
        return confirmed;
    }

    // Whether everything that was raised goes out at once, and nothing else has to be done first.
    private bool CanGoOutWhole => !_running && _clears is not { Count: > 0 } && _refreshesDone == _refreshesWanted
        && CountOfNextAppend() == _pending.Count;

    // True where it landed as it was raised.
    private Task<bool> SendAndConfirm()
    {
        var confirmation = _confirmation = NewConfirmation();
        StartNow();
        return confirmation;
    }

    // It carries no request's context along: what it begins may be another's.
    private Task<bool> NewConfirmation()
    {
        if (ExecutionContext.IsFlowSuppressed()) return New();
        using (ExecutionContext.SuppressFlow()) return New();

        Task<bool> New() => new(static journal => ((Journal<TView, TEntry>)journal!).RunConfirmation(), this);
    }

    private bool RunConfirmation()
    {
        if (_verdicts is { Count: > 0 } verdicts)
        {
            var (landed, fault) = verdicts.Dequeue();
            if (fault is not null) ExceptionDispatchInfo.Throw(fault);
            return landed;
        }

        _confirmation = null;
        var answered = _answered!;
        _answered = null;
        try
        {
            TryConfirm(answered);
        }
        catch (Exception fault)
        {
            var told = Fail(fault);
            _running = false;
            ExceptionDispatchInfo.Throw(told);
        }

        Work();
        return true;
    }

    private void Conclude(Verdict verdict)
    {
        if (_confirmation is not { } confirmation) return;
        _confirmation = null;
        (_verdicts ??= new Queue<Verdict>()).Enqueue(verdict);
        _context.Scheduler.QueueTask(confirmation);
    }

    private readonly record struct Verdict(bool Landed, Exception? Fault);
}
