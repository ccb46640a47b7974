using Granary.Runtime;

namespace Granary.Tests.Unit.Journaling;

/// <summary>
/// An appender that commits nothing by itself: each append waits until the test lets it land, or fail before or after
/// it landed.
/// </summary>
internal sealed class ManualAppender(IEventStore store) : IAppendSender
{
    private readonly Queue<PendingAppend> _waiting = [];

    /// <summary>How many appends wait for the test.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>The clearings that were committed, in their order.</summary>
    public List<AppendId> Clearings { get; } = [];

    /// <summary>The append that waits longest.</summary>
    public Append Next => _waiting.Peek().Append;

    public void Send(Append append, IAppendCaller caller) =>
        _waiting.Enqueue(new PendingAppend().For(append, sentAt: 0, caller));

    public ValueTask<AppendResult> AppendAsync(Append append, CancellationToken cancellationToken)
    {
        var pending = new PendingAppend().For(append, sentAt: 0);
        cancellationToken.UnsafeRegister(
            static (state, token) => ((PendingAppend)state!).Cancel(token), pending);
        _waiting.Enqueue(pending);
        return pending.Answer;
    }

    /// <summary>Commits the append that waits longest, and answers it.</summary>
    public void Commit() => Answer(commits: true, error: null);

    /// <summary>Fails the append that waits longest; nothing of it is written.</summary>
    public void FailBefore() => Answer(commits: false, new StoreUnavailableException("Failed before the commit."));

    /// <summary>Commits the append that waits longest and loses the answer.</summary>
    public void FailAfter() => Answer(commits: true, new StoreUnavailableException("Failed after the commit."));

    /// <summary>Answers the append that waits longest with a conflict; nothing is written.</summary>
    public void Conflict()
    {
        var pending = _waiting.Dequeue();
        if (pending.TryDequeue()) pending.Complete(new AppendResult(AppendOutcome.Conflict, default, default, default));
    }

    private void Answer(bool commits, StoreUnavailableException? error)
    {
        var pending = _waiting.Dequeue();
        if (!pending.TryDequeue()) return;
        var (append, result) = (pending.Append, default(AppendResult));
        if (commits && append.ClearsStream && !Clearings.Contains(append.Id)) Clearings.Add(append.Id);
        if (commits) result = ManualStore.Commit(store, append);
        if (error is null) pending.Complete(result);
        else pending.Fail(error);
    }
}
