using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Commits what a writer has taken up, and answers each caller. Where the store refuses a batch for the fault of one
/// append, the batch is halved until the culprit is alone, so that it fails alone.
/// </summary>
internal sealed class BatchCommitter(
    IEventStore store, LogPartition partition, TimeProvider time, GranaryMetrics metrics, ILogger logger)
{
    private DateTimeOffset _last = DateTimeOffset.MinValue;

    /// <summary>Commits appends as one batch and answers them, each with its result or the error.</summary>
    public async Task CommitAsync(IReadOnlyList<PendingAppend> taken, CancellationToken abort)
    {
        var batch = new AppendBatch(partition, Stamp(), [.. taken.Select(pending => pending.Append)]);
        var events = batch.Appends.Sum(append => append.Events.Count);
        using var activity = GranaryTracing.StartCommit(partition, taken.Count, events);
        try
        {
            var start = time.GetTimestamp();
            await store.CommitAsync(batch, abort);
            metrics.Committed(batch, events, time.GetElapsedTime(start));
        }
        catch (Exception error)
        {
            activity.Fail(error);
            await FailAsync(taken, error, abort);
            return;
        }

        for (var at = 0; at < taken.Count; at++) Answer(taken[at], batch.Results[at]);
    }

    private async Task FailAsync(IReadOnlyList<PendingAppend> taken, Exception error, CancellationToken abort)
    {
        if (taken.Count > 1 && IsOfOneAppend(error))
        {
            AppenderLog.BatchSplit(logger, taken.Count, partition, error.Message);
            var half = taken.Count / 2;
            await CommitAsync([.. taken.Take(half)], abort);
            await CommitAsync([.. taken.Skip(half)], abort);
            return;
        }

        if (taken.Count == 1) AppenderLog.AppendRefused(logger, error, taken[0].Append.Stream);
        else AppenderLog.CommitFailed(logger, error, partition, taken.Count);

        var told = error is OperationCanceledException
            ? new StoreUnavailableException("The silo stopped before the append was committed. Try again.", error)
            : error;
        foreach (var pending in taken) pending.TryFail(told);
    }

    private static void Answer(PendingAppend pending, AppendResult result)
    {
        if (result.Outcome != AppendOutcome.None)
        {
            pending.Complete(result);
            return;
        }

        pending.TryFail(new StoreUnavailableException(
            $"The store committed without answering the append {pending.Append.Id} to stream {pending.Append.Stream}, "
            + "which breaks an obligation of IEventStore. Append again with the same id to learn what became of it."));
    }

    // What the store says of its own condition concerns everybody; what it says of an argument concerns one append.
    private static bool IsOfOneAppend(Exception error) =>
        error is ArgumentException or LimitExceededException or EventNotEncodableException;

    // Clocks are set back; the log's time is not.
    private DateTimeOffset Stamp()
    {
        var now = time.GetUtcNow();
        return _last = now > _last ? now : _last;
    }
}
