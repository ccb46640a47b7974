using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>
/// Runs a grain's calls to the store within the retry budget, and tells the grain of trouble and of its end.
/// </summary>
internal sealed class StoreRetry(
    JournalOptions options,
    TimeProvider time,
    GranaryMetrics metrics,
    IConnectionIssueListener listener,
    ILogConsistencyProtocolServices services)
{
    private StoreConnectionIssue? _issue;

    public async Task<TResult> RunAsync<TResult>(Func<CancellationToken, ValueTask<TResult>> call,
        CancellationToken token)
    {
        for (var tried = 0; ; tried++)
        {
            try
            {
                var result = await call(token);
                Resolve();
                return result;
            }
            catch (StoreUnavailableException fault)
            {
                var delay = Record(fault);
                if (tried >= options.RetriesMax) throw;
                metrics.Retried();
                if (delay > TimeSpan.Zero) await Task.Delay(delay, time, token);
            }
        }
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

    private void Resolve()
    {
        if (_issue is not { } issue) return;
        _issue = null;
        Tell(nameof(IConnectionIssueListener.OnConnectionIssueResolved), listener.OnConnectionIssueResolved, issue);
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
