namespace Granary;

/// <summary>Conveniences over <see cref="ILogTail"/>.</summary>
public static class LogTailExtensions
{
    /// <summary>
    /// Waits until one of several partitions may have grown, and for so long at most. Like every wait for the tail it
    /// is a hint: who gets nothing reads all the same.
    /// </summary>
    /// <param name="tail">The end of the log.</param>
    /// <param name="after">The position through which the waiter has read, one a partition.</param>
    /// <param name="max">How long; zero or more.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The partitions that may have grown; none where the time is over.</returns>
    public static async ValueTask<IReadOnlyList<LogPartition>> WaitAnyAsync(
        this ILogTail tail, IReadOnlyList<LogPosition> after, TimeSpan max, TimeProvider time,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tail);
        ArgumentNullException.ThrowIfNull(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, TimeSpan.Zero);
        cancellationToken.ThrowIfCancellationRequested();
        using var timeout = new CancellationTokenSource(max, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var waits = new Task[after.Count];
        for (var at = 0; at < waits.Length; at++) waits[at] = tail.WaitAsync(after[at], stop.Token).AsTask();
        await Task.WhenAny(waits).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(waits).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();

        var grown = new List<LogPartition>();
        for (var at = 0; at < waits.Length; at++)
        {
            if (waits[at].IsCompletedSuccessfully) grown.Add(after[at].Partition);
        }

        if (grown.Count == 0 && Array.Find(waits, static one => one.IsFaulted) is { } failed)
            await failed.ConfigureAwait(false);
        return grown;
    }
}
