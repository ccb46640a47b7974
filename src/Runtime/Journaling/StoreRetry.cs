using System.Runtime.ExceptionServices;
using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>
/// Runs a grain's calls to the store again until they succeed or the time for them runs out, and notifies the grain of
/// the failure and of its end.
/// </summary>
internal sealed class StoreRetry(
    JournalServices journal, IConnectionIssueListener listener, ILogConsistencyProtocolServices protocol)
{
    private StoreConnectionIssue? _issue;

    private JournalOptions Options => journal.Options;

    /// <summary>Runs a call again that has failed once.</summary>
    /// <param name="fault">The error.</param>
    /// <param name="call">The call.</param>
    /// <param name="startedAt">The time stamp from which the time to retry counts.</param>
    /// <exception cref="StoreUnavailableException">
    /// It did not succeed within <see cref="JournalServices.RetryTimeout"/>. A call that is in flight then is cancelled
    /// and not awaited any more: whether it succeeds is not known.
    /// </exception>
    public async Task<TResult> RecoverAsync<TResult>(
        StoreUnavailableException fault, Func<CancellationToken, ValueTask<TResult>> call, long startedAt)
    {
        while (true)
        {
            var delay = Record(fault);
            var remaining = journal.RetryTimeout - journal.Time.GetElapsedTime(startedAt);
            if (delay >= remaining) ExceptionDispatchInfo.Throw(fault);
            journal.Metrics.Retried();
            if (delay > TimeSpan.Zero) await Task.Delay(delay, journal.Time);
            try
            {
                return await WithinAsync(call, remaining - delay);
            }
            catch (StoreUnavailableException again)
            {
                fault = again;
            }
        }
    }

    /// <summary>A call has succeeded: what was an issue is resolved.</summary>
    public void ReportRecovery()
    {
        if (_issue is not { } issue) return;
        _issue = null;
        Notify(nameof(IConnectionIssueListener.OnConnectionIssueResolved), listener.OnConnectionIssueResolved, issue);
    }

    private async Task<TResult> WithinAsync<TResult>(
        Func<CancellationToken, ValueTask<TResult>> call, TimeSpan remaining)
    {
        using var deadline = new CancellationTokenSource();
        var running = AwaitAsync(deadline.Token);
        try
        {
            return await running.WaitAsync(remaining, journal.Time);
        }
        catch (TimeoutException) when (running.IsCompleted)
        {
            // The call ended in the instant in which its time did: its own outcome counts.
            return await running;
        }
        catch (TimeoutException)
        {
            // What no writer has dequeued is withdrawn, so that it is not stored after its caller got an error. What a
            // writer has dequeued ends by itself; no caller waits for its error any more.
            deadline.Cancel();
            _ = running.ContinueWith(
                static ended => _ = ended.Exception, CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            throw new StoreUnavailableException(
                $"The store did not answer within {journal.RetryTimeout.TotalMilliseconds:0} ms. "
                + "Whether it took the events is not known until the stream is read.");
        }

        async Task<TResult> AwaitAsync(CancellationToken token) => await call(token);
    }

    private TimeSpan Record(Exception fault)
    {
        var now = journal.Time.GetUtcNow().UtcDateTime;
        var issue = new StoreConnectionIssue
        {
            Exception = fault,
            FirstDelay = TimeSpan.FromMilliseconds(Options.RetryDelayMs),
            DelayMax = TimeSpan.FromMilliseconds(Options.RetryDelayMaxMs),
            TimeStamp = now,
            TimeOfFirstFailure = _issue?.TimeOfFirstFailure ?? now,
            NumberOfConsecutiveFailures = (_issue?.NumberOfConsecutiveFailures ?? 0) + 1,
        };
        issue.RetryDelay = issue.ComputeRetryDelay(_issue?.RetryDelay);
        _issue = issue;
        Notify(nameof(IConnectionIssueListener.OnConnectionIssue), listener.OnConnectionIssue, issue);

        // The grain may set its own delay, but not an endless one, nor retries without a pause.
        var min = issue.NumberOfConsecutiveFailures == 1 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(1);
        var max = TimeSpan.FromMilliseconds(Options.RetryDelayMaxMs);
        if (issue.RetryDelay < min) issue.RetryDelay = min;
        if (issue.RetryDelay > max) issue.RetryDelay = max;
        return issue.RetryDelay;
    }

    private void Notify(string callback, Action<ConnectionIssue> notify, ConnectionIssue issue)
    {
        try
        {
            notify(issue);
        }
        catch (Exception fault)
        {
            protocol.CaughtUserCodeException(callback, nameof(StoreRetry), fault);
        }
    }
}
