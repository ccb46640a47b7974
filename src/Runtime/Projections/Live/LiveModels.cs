namespace Granary.Runtime;

/// <summary>Folds the models of live projections from their streams.</summary>
internal sealed class LiveModels(IEventStore store, TimeProvider time)
{
    private static readonly TimeSpan PollDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>The model of a key, as new as the store; null where there is none.</summary>
    /// <exception cref="LimitExceededException">
    /// Its stream has more than <see cref="GranaryLimits.LiveModelEventsMax"/> events, or the model is too large.
    /// </exception>
    /// <exception cref="StreamTruncatedException">The stream's first events were removed.</exception>
    /// <exception cref="ReplayFailedException">An event cannot be folded.</exception>
    public async Task<ReadModel?> FindAsync(IProjection projection, string key, CancellationToken cancellationToken)
    {
        if (!projection.TryGetStream(key, out var stream)) return null;
        var events = new StreamPart(store, stream, null, GranaryLimits.LiveModelEventsMax);
        await events.CheckLengthAsync(cancellationToken);
        var folded = await projection.FoldAsync(events.ReadAsync(cancellationToken), cancellationToken);
        return folded is null ? null : new ReadModel(key, folded.Document, folded.Position);
    }

    /// <summary>
    /// Waits until the log has a position, which it has where an append was answered with it.
    /// </summary>
    /// <returns>
    /// The asked position, or the end of its partition where that is before it when the time is over.
    /// </returns>
    public async Task<LogPosition> WaitAsync(
        LogPosition asked, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            var end = (await store.ReadLogAsync(asked, LogFilter.All, 1, cancellationToken)).End;
            if (end >= asked.Position) return asked;
            var left = timeout - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) return asked with { Position = end };
            await Task.Delay(left < PollDelay ? left : PollDelay, time, cancellationToken);
        }
    }
}
