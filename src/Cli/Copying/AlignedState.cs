namespace Granary.Cli;

/// <summary>
/// A partition that both stores have: the target's positions are the source's, so where it ends is how far it was
/// copied. Nothing else is noted, in the target or elsewhere.
/// </summary>
internal sealed class AlignedState(CopyJob job, int partition) : ICopyState
{
    public async Task<CopyBegin> ResumeAsync(CancellationToken cancellationToken)
    {
        var ends = new long[job.Target.Description.PartitionCount];
        var end = ends[partition] = await job.Target.EndOfAsync(partition, cancellationToken);
        if (end > 0)
        {
            await CheckAsync(1, cancellationToken);
            await CheckAsync(end, cancellationToken);
        }

        job.Progress.SetCopied(partition, end);
        var heads = new TargetHeads(job.Target, isEmpty: end == 0, TargetHeads.CountMax / ends.Length);
        return new([new(new(partition), new(end))], new TargetWriter(
            job, heads, ends, System.Collections.Frozen.FrozenSet<(StreamName, AppendId)>.Empty));
    }

    public ValueTask OnWrittenAsync(CopyRound round, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private async Task CheckAsync(long position, CancellationToken cancellationToken)
    {
        var there = await job.Source.ReadAtAsync(partition, position, cancellationToken);
        var here = await job.Target.ReadAtAsync(partition, position, cancellationToken);
        if (there is not null && here is not null && CopiedAppend.AreSame(there, here)
            && there.Timestamp == here.Timestamp) return;
        throw NoCopy(job, here is null ? "" : $" It has {here.Stream} at {here.Position}, "
            + (there is null ? "and the source ends before." : $"where the source has {there.Stream}."));
    }

    /// <summary>The target holds other events than the source.</summary>
    public static CommandException NoCopy(CopyJob job, string how) => new(
        $"{job.Target.Name} is not empty, and no copy of {job.Source.Name}.{how} Choose an empty target.",
        ExitCodes.Found);
}
