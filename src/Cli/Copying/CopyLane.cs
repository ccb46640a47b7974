using System.Threading.Channels;

namespace Granary.Cli;

/// <summary>
/// Copies partitions of the source whose order among each other counts: one partition where both stores have as many,
/// else all. Reading and writing overlap.
/// </summary>
internal sealed class CopyLane(CopyJob job, ICopyState state, bool follow)
{
    // A read or a commit that fails may succeed a moment later: a silo holds the lock, a server is restarted.
    private const int TriesMax = 6;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);

    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the end of the source was copied the first time; fails where the lane does.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>Whether every round that was begun was written.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Copies to the end of the source, and where it follows, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var tries = 0; ;)
            {
                var copied = 0L;
                try
                {
                    var begin = await state.ResumeAsync(cancellationToken);
                    await foreach (var round in RoundsAsync(begin, cancellationToken))
                    {
                        // Not to be cancelled: where it ends, the target has whole rounds.
                        IsWhole = false;
                        await begin.Writer.WriteAsync(round, CancellationToken.None);
                        await state.OnWrittenAsync(round, CancellationToken.None);
                        IsWhole = true;
                        job.Progress.Add(round);
                        copied += round.Events;
                        cancellationToken.ThrowIfCancellationRequested();
                    }

                    _caughtUp.TrySetResult();
                    return;
                }
                catch (Exception fault) when (fault is CopyOvertakenException or StoreUnavailableException)
                {
                    tries = copied > 0 ? 1 : tries + 1;
                    if (tries >= TriesMax) throw;
                    await Task.Delay(FirstDelay * (1 << tries), job.Time, cancellationToken);
                }
            }
        }
        catch (Exception fault)
        {
            _caughtUp.TrySetException(fault);
            throw;
        }
    }

    // One round is read while the one before is written.
    private async IAsyncEnumerable<CopyRound> RoundsAsync(
        CopyBegin begin,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var rounds = Channel.CreateBounded<CopyRound?>(1);
        var reading = Task.Run(() => ReadAsync(begin, rounds.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var round in rounds.Reader.ReadAllAsync(CancellationToken.None))
            {
                if (round is not null) yield return round;
                else if (follow) _caughtUp.TrySetResult();
            }
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Null is written where the source ends.
    private async Task ReadAsync(CopyBegin begin, ChannelWriter<CopyRound?> rounds, CancellationToken cancellationToken)
    {
        try
        {
            var feed = new CopyFeed(job.Source, begin.After);
            do
            {
                while (await feed.NextAsync(cancellationToken) is { } round)
                    await rounds.WriteAsync(round, cancellationToken);
                await rounds.WriteAsync(null, cancellationToken);
                if (follow) await feed.WaitAsync(cancellationToken);
            }
            while (follow);

            rounds.Complete();
        }
        catch (Exception fault)
        {
            rounds.Complete(fault);
        }
    }
}
