using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Has creations and deletions of durable subscriptions finished that were cut off, as where their silo was lost: what
/// they leave is not shown, and holds back what may be removed of the log.
/// </summary>
internal sealed class UnfinishedSubscriptions(
    SubscriptionWorkers workers, IGrainFactory grains, TimeProvider time, ILogger<UnfinishedSubscriptions> logger)
    : ISupervised
{
    // At a time; the others come later.
    private const int CountMax = 16;

    // One that takes longer delays no reader: the grain goes on.
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = logger.Guarded();

    /// <inheritdoc />
    public Task SuperviseAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(workers.Unfinished.Take(CountMax).Select(one => FinishAsync(one, cancellationToken)));

    // A call that is in progress ends before: the grain of a name takes one call at a time.
    private async Task FinishAsync(string name, CancellationToken cancellationToken)
    {
        using var enough = new CancellationTokenSource(WaitMax, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        try
        {
            await grains.GetGrain<ISubscriptionGrain>(name).Finish(ends.Token);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            FollowingLog.NotFinished(_logger, fault, name);
        }
    }
}
