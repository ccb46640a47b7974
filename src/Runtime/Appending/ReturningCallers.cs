namespace Granary.Runtime;

/// <summary>
/// The wait of a writer for callers that were just answered and append again at once. Without it those that came while
/// a slow commit ran go into the next one alone, and the others wait for that: two halves in turns, each commit half
/// full. It is short beside the commit, and ends when as many wait as there were.
/// </summary>
internal sealed class ReturningCallers(TimeProvider time)
{
    // So many are commit enough.
    private const int EnoughAppends = 64;

    // The wait is this part of the commit's time; a timer is not exact below a millisecond.
    private const int Part = 8;

    // Beside a shorter commit the wait is long; a longer one says nothing of the next.
    private static readonly TimeSpan CommitMin = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan CommitMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(2);

    private TaskCompletionSource _come = New();
    private long _begun;
    private long _ended;
    private TimeSpan _wait;
    private int _callers;
    private int _wanted;
    private bool _isOver;

    /// <summary>A commit begins.</summary>
    public void OnBegin()
    {
        _begun = time.GetTimestamp();
        _wait = TimeSpan.Zero;
    }

    /// <summary>The store has ended the commit, and its callers are not answered yet.</summary>
    /// <param name="answered">How many appends it had.</param>
    /// <param name="waiting">How many wait for the next one.</param>
    public void OnEnd(int answered, int waiting)
    {
        _ended = time.GetTimestamp();
        var took = time.GetElapsedTime(_begun, _ended);
        if (took < CommitMin || took > CommitMax) return;
        _callers = answered + waiting;
        _wait = took / Part;
        if (_wait < WaitMin) _wait = WaitMin;
        if (_wait > WaitMax) _wait = WaitMax;
    }

    /// <summary>An append was queued.</summary>
    /// <param name="waiting">How many wait now.</param>
    public void OnQueued(Func<int> waiting)
    {
        if (Volatile.Read(ref _wanted) is var wanted and > 0 && waiting() >= wanted) _come.TrySetResult();
    }

    /// <summary>No more are queued.</summary>
    public void OnNoMore()
    {
        Volatile.Write(ref _isOver, true);
        _come.TrySetResult();
    }

    /// <summary>Waits for those that are likely to come.</summary>
    /// <param name="waiting">How many wait.</param>
    public Task WaitAsync(Func<int> waiting)
    {
        var left = _wait - time.GetElapsedTime(_ended);
        if (left <= TimeSpan.Zero || waiting() >= Math.Min(_callers, EnoughAppends)) return Task.CompletedTask;
        return WaitAsync(waiting, TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)));
    }

    private async Task WaitAsync(Func<int> waiting, TimeSpan left)
    {
        if (_come.Task.IsCompleted) _come = New();
        Interlocked.Exchange(ref _wanted, Math.Min(_callers, EnoughAppends));
        OnQueued(waiting);
        if (Volatile.Read(ref _isOver)) _come.TrySetResult();
        using var ends = new CancellationTokenSource();
        var over = Task.Delay(left, time, ends.Token);
        await Task.WhenAny(_come.Task, over);
        Interlocked.Exchange(ref _wanted, 0);
        await ends.CancelAsync();
        await over.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
