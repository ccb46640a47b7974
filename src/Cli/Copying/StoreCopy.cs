namespace Granary.Cli;

/// <summary>Copies one store to another.</summary>
/// <param name="job">The copy.</param>
internal sealed class StoreCopy(CopyJob job)
{
    private readonly MergedState? _merged = job.KeepsPositions ? null : new MergedState(job);

    /// <summary>What was copied beside the log.</summary>
    public SnapshotCopy Beside { get; } = new(job);

    /// <summary>Copies all that the source has, and returns when it has come to the end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await CountAsync(cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lanes = await LanesAsync(follow: false, cancellationToken);
        await AllAsync(lanes.Select(lane => lane.RunAsync(stop.Token)), stop);
        await Beside.RunAsync(cancellationToken);
        if (_merged is not null) await _merged.EndAsync(cancellationToken);
    }

    /// <summary>Copies all that the source has, and what comes then, until it is cancelled.</summary>
    /// <param name="caughtUp">Is called once, when it has come to the end the first time.</param>
    /// <param name="cancellationToken">Ends it: it throws then, and the target has whole appends.</param>
    public async Task FollowAsync(Action caughtUp, CancellationToken cancellationToken)
    {
        await CountAsync(cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lanes = await LanesAsync(follow: true, cancellationToken);
        var running = AllAsync(lanes.Select(lane => lane.RunAsync(stop.Token)), stop);
        try
        {
            await Task.WhenAny(Task.WhenAll(lanes.Select(static lane => lane.CaughtUp)), running);
            if (!running.IsCompleted)
            {
                await Beside.RunAsync(stop.Token);
                caughtUp();
            }

            await running;
        }
        catch (OperationCanceledException) when (
            cancellationToken.IsCancellationRequested
            && lanes.All(static lane => lane.CaughtUp.IsCompletedSuccessfully && lane.IsWhole))
        {
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_merged is not null) await _merged.EndAsync(CancellationToken.None);
            throw;
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Every partition of the target is looked at before one is written to: it may be no copy.
    private async Task<CopyLane[]> LanesAsync(bool follow, CancellationToken cancellationToken)
    {
        if (_merged is not null) return [new CopyLane(job, _merged, follow)];
        AlignedState[] states =
        [
            .. Enumerable.Range(0, job.Source.Description.PartitionCount).Select(at => new AlignedState(job, at)),
        ];
        foreach (var state in states) await state.ResumeAsync(cancellationToken);
        return [.. states.Select(state => new CopyLane(job, state, follow))];
    }

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        var total = 0L;
        for (var at = 0; at < job.Source.Description.PartitionCount; at++)
            total += await job.Source.EndOfAsync(at, cancellationToken);
        job.Progress.Total = total;
    }

    // The first that fails ends the others; its error is thrown.
    private static async Task AllAsync(IEnumerable<Task> lanes, CancellationTokenSource stop)
    {
        var running = lanes.ToList();
        var all = Task.WhenAll(running);
        while (running.Count > 0)
        {
            var ended = await Task.WhenAny(running);
            running.Remove(ended);
            if (ended.IsCompletedSuccessfully) continue;
            await stop.CancelAsync();
            await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ended;
        }
    }
}
