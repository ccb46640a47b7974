namespace Granary.Runtime;

/// <summary>Commits in this silo.</summary>
internal sealed class StoreRoute(IEventStore store, GranaryMetrics metrics, TimeProvider time) : ICommitRoute
{
    /// <inheritdoc />
    public async ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        await store.CommitAsync(batch, cancellationToken);
        metrics.Committed(batch, time.GetElapsedTime(start));
    }
}
