using System.Runtime.ExceptionServices;
using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>
/// Runs a grain's calls to the store again within the retry budget, and tells the grain of trouble and of its end.
/// </summary>
internal sealed class StoreRetry(
    JournalOptions options,
    TimeProvider time,
    GranaryMetrics metrics,
    IConnectionIssueListener listener,
    ILogConsistencyProtocolServices services)
{
    private StoreConnectionIssue? _issue;

    /// <summary>Runs a call again that has failed once.</summary>
    public async Task<TResult> RecoverAsync<TResult>(
        StoreUnavailableException fault, Func<CancellationToken, ValueTask<TResult>> call, CancellationToken token)
    {
        for (var tried = 0; ; tried++)
        {
            var delay = Record(fault);
            if (tried >= options.RetriesMax) ExceptionDispatchInfo.Throw(fault);
            metrics.Retried();
            if (delay > TimeSpan.Zero) await Task.Delay(delay, time, token);
            try
            {
                return await call(token);
            }
            catch (StoreUnavailableException again)
            {
                fault = again;
            }
        }
    }

    /// <summary>A call has succeeded: what was an issue is one no more.</summary>
    public void Succeeded()
    {
        if (_issue is not { } issue) return;
        _issue = null;
        Tell(nameof(IConnectionIssueListener.OnConnectionIssueResolved), listener.OnConnectionIssueResolved, issue);
    }

    private TimeSpan Record(Exception fault)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var issue = new StoreConnectionIssue
        {
            Exception = fault,
            FirstDelay = TimeSpan.FromMilliseconds(options.RetryDelayMs),
            DelayMax = TimeSpan.FromMilliseconds(options.RetryDelayMaxMs),
            TimeStamp = now,
            TimeOfFirstFailure = _issue?.TimeOfFirstFailure ?? now,
            NumberOfConsecutiveFailures = (_issue?.NumberOfConsecutiveFailures ?? 0) + 1,
        };
        issue.RetryDelay = issue.ComputeRetryDelay(_issue?.RetryDelay);
        _issue = issue;
        Tell(nameof(IConnectionIssueListener.OnConnectionIssue), listener.OnConnectionIssue, issue);

        // The grain may set its own delay, but not an endless one.
        var max = TimeSpan.FromMilliseconds(options.RetryDelayMaxMs);
        if (issue.RetryDelay > max) issue.RetryDelay = max;
        return issue.RetryDelay;
    }

    private void Tell(string callback, Action<ConnectionIssue> tell, ConnectionIssue issue)
    {
        try
        {
            tell(issue);
        }
        catch (Exception fault)
        {
            services.CaughtUserCodeException(callback, nameof(StoreRetry), fault);
        }
    }
}
