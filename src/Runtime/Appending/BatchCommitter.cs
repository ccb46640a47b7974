using System.Numerics;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Commits what a writer has dequeued, and answers each caller. Where the store refuses a batch for the fault of one
/// append, the batch is halved until the faulty append is alone, so that it fails alone.
/// </summary>
internal sealed class BatchCommitter(
    IEventStore store, LogPartition partition, TimeProvider time, GranaryMetrics metrics, ILogger logger)
{
    // What a batch is made of, used again for the next: its answers alone would often be a large object.
    private List<Append> _appends = [];
    private AppendResult[] _results = [];
    private DateTimeOffset _last = DateTimeOffset.MinValue;

    /// <summary>Commits appends as one batch and answers them, each with its result or the error.</summary>
    public Task CommitAsync(DequeuedAppends dequeued, CancellationToken abort) =>
        CommitAsync(dequeued, 0, dequeued.Count, abort);

    private async Task CommitAsync(DequeuedAppends dequeued, int from, int count, CancellationToken abort)
    {
        var batch = MakeBatch(dequeued, from, count);
        using var activity = GranaryTracing.StartCommit(partition, count, dequeued.Events, logger);
        var start = time.GetTimestamp();
        try
        {
            await store.CommitAsync(batch, abort);
        }
        catch (Exception error)
        {
            // A store that has failed may still be using them.
            (_appends, _results) = ([], []);
            activity.Fail(error);
            await FailAsync(dequeued, from, count, error, abort);
            return;
        }

        var now = time.GetTimestamp();
        metrics.Committed(batch, time.GetElapsedTime(start, now));
        for (var at = 0; at < count; at++) Answer(dequeued.Release(from + at)!, _results[at], now);
    }

    private AppendBatch MakeBatch(DequeuedAppends dequeued, int from, int count)
    {
        _appends.Clear();
        for (var at = from; at < from + count; at++) _appends.Add(dequeued.AppendAt(at));
        if (_results.Length < count) _results = new AppendResult[BitOperations.RoundUpToPowerOf2((uint)count)];
        return new AppendBatch(partition, Stamp(), _appends, _results);
    }

    private async Task FailAsync(
        DequeuedAppends dequeued, int from, int count, Exception error, CancellationToken abort)
    {
        if (count > 1 && IsOfOneAppend(error))
        {
            AppenderLog.BatchSplit(logger, count, partition, error.Message);
            var half = count / 2;
            await CommitAsync(dequeued, from, half, abort);
            await CommitAsync(dequeued, from + half, count - half, abort);
            return;
        }

        if (count == 1) AppenderLog.AppendRefused(logger, error, dequeued.AppendAt(from).Stream);
        else AppenderLog.CommitFailed(logger, error, partition, count);

        var reported = error is OperationCanceledException
            ? new StoreUnavailableException("The silo stopped before the append was committed. Try again.", error)
            : error;
        FailRest(dequeued, from, count, reported);
    }

    /// <summary>Completes all that were not answered yet with an error.</summary>
    public void FailRest(DequeuedAppends dequeued, Exception error) => FailRest(dequeued, 0, dequeued.Count, error);

    private void FailRest(DequeuedAppends dequeued, int from, int count, Exception error)
    {
        for (var at = from; at < from + count; at++)
        {
            if (dequeued.Release(at) is { } pending) Fail(pending, error);
        }
    }

    /// <summary>Completes an append with an error.</summary>
    public void Fail(PendingAppend pending, Exception error)
    {
        metrics.Failed();
        try
        {
            pending.Fail(error);
        }
        catch (Exception fault)
        {
            AppenderLog.NotCalledBack(logger, fault, partition);
        }
    }

    private void Answer(PendingAppend pending, AppendResult result, long now)
    {
        var (append, sentAt) = (pending.Append, pending.SentAt);
        if (result.Outcome == AppendOutcome.None)
        {
            Fail(pending, new StoreUnavailableException(
                $"The store committed without answering the append {append.Id} to stream {append.Stream}, which breaks "
                + "an obligation of IEventStore. Append again with the same id to get its result."));
        }
        else if (Contradicts(append, result))
        {
            Fail(pending, new StoreCorruptException(
                $"The store answered the append {append.Id} of {append.Events.Count} event(s) to stream "
                + $"{append.Stream}, which expects {append.Expected}, with {result.Outcome} at version "
                + $"{result.Version} and position {result.Position}, which cannot be. Run the conformance suite on "
                + "this store."));
        }
        else
        {
            // Before it is completed: then the append is its caller's again.
            metrics.Answered(append, result.Outcome, time.GetElapsedTime(sentAt, now));
            Complete(pending, result);
        }
    }

    // One caller that cannot be called back costs no other its answer.
    private void Complete(PendingAppend pending, in AppendResult result)
    {
        try
        {
            pending.Complete(result);
        }
        catch (Exception fault)
        {
            AppenderLog.NotCalledBack(logger, fault, partition);
        }
    }

    // The grain takes the version and the position for those of its events, so they have to be possible.
    private bool Contradicts(Append append, in AppendResult result)
    {
        if (append.ClearsStream || result.Outcome == AppendOutcome.Conflict) return false;
        var expected = append.Expected;
        return result.Position.Partition != partition || result.Position.Position <= expected.Position
            || (expected.Kind == ExpectedVersionKind.Exactly
                && result.Version != expected.Version.Plus(append.Events.Count));
    }

    // An error about the store itself concerns all appends; an error about an argument concerns one.
    private static bool IsOfOneAppend(Exception error) =>
        error is ArgumentException or LimitExceededException or EventNotEncodableException;

    // Clocks are set back; the log's time is not.
    private DateTimeOffset Stamp()
    {
        var now = time.GetUtcNow();
        return _last = now > _last ? now : _last;
    }
}
