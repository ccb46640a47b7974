using System.Numerics;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Commits what a writer has dequeued, and answers each caller. Where the store refuses a batch for the fault of one
/// append, the batch is halved until the faulty append is alone, so that it fails alone.
/// </summary>
internal sealed class BatchCommitter : IDisposable
{
    private readonly ICommitRoute _route;
    private readonly LogPartition _partition;
    private readonly CommitDeadline _deadline;
    private readonly TimeProvider _time;
    private readonly GranaryMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Action<TimeSpan> _expire;

    // What a batch is made of, used again for the next: its answers alone would often be a large object.
    private List<Append> _appends = [];
    private AppendResult[] _results = [];
    private DateTimeOffset _last = DateTimeOffset.MinValue;
    private DequeuedAppends? _committing;

    public BatchCommitter(
        ICommitRoute route,
        LogPartition partition,
        CommitDeadline deadline,
        TimeProvider time,
        GranaryMetrics metrics,
        ILogger logger)
    {
        (_route, _partition, _deadline) = (route, partition, deadline);
        (_time, _metrics, _logger) = (time, metrics, logger);
        _expire = Expire;
    }

    /// <summary>
    /// Called on another thread, with the clock's time stamp, when a commit has run out of its time and has not ended.
    /// </summary>
    public Action<long>? Expired { get; set; }

    /// <summary>
    /// Called with the number of appends when the store has ended a commit of them, before they are answered.
    /// </summary>
    public Action<int>? Committed { get; set; }

    /// <summary>Called after each commit with a clearing in it, whatever it was answered.</summary>
    public Action? Cleared { get; set; }

    /// <summary>Commits appends as one batch and answers them, each with its result or the error.</summary>
    public Task CommitAsync(DequeuedAppends dequeued, CancellationToken abort) =>
        CommitAsync(dequeued, 0, dequeued.Count, abort);

    /// <inheritdoc />
    public void Dispose() => _deadline.Dispose();

    private async Task CommitAsync(DequeuedAppends dequeued, int from, int count, CancellationToken abort)
    {
        var epoch = dequeued.LatestEpoch(from, count);
        count = FailStale(dequeued, from, count, epoch);
        if (count == 0) return;
        var batch = MakeBatch(dequeued, from, count, epoch, out var clears);
        using var activity = GranaryTracing.StartCommit(_partition, count, dequeued.Events, _logger);
        _committing = dequeued;
        _deadline.Begin(_expire);
        try
        {
            await _route.CommitAsync(batch, abort);
        }
        catch (Exception error)
        {
            _deadline.End();
            activity.Fail(error);
            AnswerAll(dequeued, from, count, isCommitted: false);

            // A store that has failed may still be using them.
            (_appends, _results) = ([], []);
            await FailAsync(dequeued, from, dequeued.MoveOpenToFront(from, count), error, abort);
            return;
        }
        finally
        {
            if (clears) Cleared?.Invoke();
        }

        _deadline.End();
        Committed?.Invoke(count);
        AnswerAll(dequeued, from, count, isCommitted: true);
    }

    // What the store answered before it failed has landed, or conflicted, all the same. What has expired is released.
    private void AnswerAll(DequeuedAppends dequeued, int from, int count, bool isCommitted)
    {
        var now = _time.GetTimestamp();
        for (var at = 0; at < count; at++)
        {
            if (!isCommitted && _results[at].Outcome == AppendOutcome.None) continue;
            if (dequeued.Release(from + at) is { } pending) Answer(pending, _results[at], now);
        }
    }

    private void Expire(TimeSpan timeout)
    {
        var now = _time.GetTimestamp();
        AppenderLog.CommitExpired(_logger, _partition, timeout.TotalMilliseconds);
        FailRest(_committing!, new StoreUnavailableException(
            $"The store has not ended a commit to partition {_partition} within {timeout.TotalMilliseconds} ms. "
            + "Whether it is committed is not known: append again with the same id."));
        Expired?.Invoke(now);
    }

    private AppendBatch MakeBatch(DequeuedAppends dequeued, int from, int count, long epoch, out bool clears)
    {
        _appends.Clear();
        clears = false;
        for (var at = from; at < from + count; at++)
        {
            _appends.Add(dequeued.AppendAt(at));
            clears |= _appends[^1].ClearsStream;
        }

        if (_results.Length < count) _results = new AppendResult[BitOperations.RoundUpToPowerOf2((uint)count)];
        return new AppendBatch(_partition, Stamp(), _appends, _results) { Epoch = epoch };
    }

    private async Task FailAsync(
        DequeuedAppends dequeued, int from, int count, Exception error, CancellationToken abort)
    {
        if (count == 0) return;
        if (error is StaleEpochException stale
            && FailStale(dequeued, from, count, stale.Current) is var current && current < count)
        {
            // Those of this silo are of any epoch.
            await CommitAsync(dequeued, from, current, abort);
            return;
        }

        if (count > 1 && IsOfOneAppend(error))
        {
            AppenderLog.BatchSplit(_logger, count, _partition, error.Message);
            var half = count / 2;
            await CommitAsync(dequeued, from, half, abort);

            // Where that has expired, so have these.
            if (dequeued.MoveOpenToFront(from + half, count - half) is > 0 and var rest)
                await CommitAsync(dequeued, from + half, rest, abort);
            return;
        }

        if (count == 1) AppenderLog.AppendRefused(_logger, error, dequeued.AppendAt(from).Stream);
        else AppenderLog.CommitFailed(_logger, error, _partition, count);

        var reported = error is OperationCanceledException
            ? new StoreUnavailableException("The silo stopped before the append was committed. Try again.", error)
            : error;
        FailRest(dequeued, from, count, reported);
    }

    // Returns how many are left, at the front. Those of a later epoch fail too: a copy of the database that replaces it
    // may be in an earlier one.
    private int FailStale(DequeuedAppends dequeued, int from, int count, long epoch)
    {
        if (epoch == 0) return count;
        for (var at = from; at < from + count; at++)
        {
            var of = dequeued.EpochAt(at);
            if (of != 0 && of != epoch && dequeued.Release(at) is { } pending)
                Fail(pending, new StaleEpochException(_partition, of, epoch));
        }

        return dequeued.MoveOpenToFront(from, count);
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
        // Another silo that has sent it counts it.
        if (pending.Epoch == 0) _metrics.Failed();
        try
        {
            pending.Fail(error);
        }
        catch (Exception fault)
        {
            AppenderLog.NotCalledBack(_logger, fault, _partition);
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
            if (pending.Epoch == 0) _metrics.Answered(append, result.Outcome, _time.GetElapsedTime(sentAt, now));
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
            AppenderLog.NotCalledBack(_logger, fault, _partition);
        }
    }

    // The grain takes the version and the position for those of its events, so they have to be possible.
    private bool Contradicts(Append append, in AppendResult result)
    {
        if (append.ClearsStream || result.Outcome == AppendOutcome.Conflict) return false;
        var expected = append.Expected;
        return result.Position.Partition != _partition || result.Position.Position <= expected.Position
            || (expected.Kind == ExpectedVersionKind.Exactly
                && result.Version != expected.Version.Plus(append.Events.Count));
    }

    // An error about the store itself concerns all appends; an error about an argument concerns one.
    private static bool IsOfOneAppend(Exception error) =>
        error is ArgumentException or LimitExceededException or EventNotEncodableException;

    // Clocks are set back; the log's time is not.
    private DateTimeOffset Stamp()
    {
        var now = _time.GetUtcNow();
        return _last = now > _last ? now : _last;
    }
}
