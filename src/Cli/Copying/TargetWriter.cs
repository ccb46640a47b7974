namespace Granary.Cli;

/// <summary>Writes rounds to partitions of the target, and checks each answer against the source.</summary>
/// <param name="job">The copy.</param>
/// <param name="heads">Where the target's streams end.</param>
/// <param name="ends">Where each of the target's partitions ends.</param>
/// <param name="landed">Appends that were written already, by their first event.</param>
internal sealed class TargetWriter(
    CopyJob job, TargetHeads heads, long[] ends, IReadOnlySet<(StreamName, AppendId)> landed)
{
    /// <summary>Writes a round.</summary>
    /// <exception cref="CopyOvertakenException">Another process writes to the target.</exception>
    /// <exception cref="CommandException">The target has kept something else than the source has.</exception>
    public async Task WriteAsync(CopyRound round, CancellationToken cancellationToken)
    {
        var missing = landed.Count == 0
            ? round.Appends
            : [.. round.Appends.Where(one => !landed.Contains((one.First.Stream, one.First.AppendId)))];
        await heads.LoadAsync([.. missing.Select(static one => one.First.Stream).Distinct()], cancellationToken);
        var batches = missing
            .GroupBy(one => LogPartition.Of(one.First.Stream, job.Target.Description.PartitionCount))
            .Select(group => CommitAsync(group.Key, [.. group], cancellationToken)).ToArray();
        await Task.WhenAll(batches);
    }

    private async Task CommitAsync(
        LogPartition partition, IReadOnlyList<CopiedAppend> copied, CancellationToken cancellationToken)
    {
        var limits = job.Target.Description.Limits;
        for (var from = 0; from < copied.Count;)
        {
            var (count, events, bytes) = (0, 0, 0L);
            while (from + count < copied.Count)
            {
                var next = copied[from + count];
                (events, bytes) = (events + next.Events.Count, bytes + next.Size);
                if (count > 0 && (events > limits.BatchEventsMax || bytes > limits.BatchSizeMax)) break;
                count++;
            }

            await CommitChunkAsync(partition, [.. copied.Skip(from).Take(count)], cancellationToken);
            from += count;
        }
    }

    private async Task CommitChunkAsync(
        LogPartition partition, CopiedAppend[] copied, CancellationToken cancellationToken)
    {
        var end = ends[partition.Value];

        // A process that was suspended for long must not write into a target that another one has completed: what was
        // appended and cleared there meanwhile is not recognised without limit.
        if (await job.Target.EndOfAsync(partition.Value, cancellationToken) != end)
            throw new CopyOvertakenException($"{job.Target.Name} has grown: another process writes to it.");
        var appends = new Append[copied.Length];
        for (var at = 0; at < copied.Length; at++)
        {
            var one = copied[at];
            var head = ExpectedHead(one);
            appends[at] = one.ToAppend(ExpectedVersion.Exactly(new(head.Version), new(head.Position)));
            end += one.Events.Count;
            SetHead(one, end);
        }

        // The clock of the source may be ahead of this one: a store keeps no time that is later than its batch's.
        var (now, latest) = (job.Time.GetUtcNow(), copied.Max(static one => one.Last.Timestamp));
        var batch = new AppendBatch(partition, latest > now ? latest : now, appends);
        await job.Target.Events.CommitAsync(batch, cancellationToken);
        end = ends[partition.Value];
        for (var at = 0; at < copied.Length; at++)
        {
            end += copied[at].Events.Count;
            Check(copied[at], batch.Results[at], new(partition, new(end)));
        }

        ends[partition.Value] = end;
    }

    private TargetHead ExpectedHead(CopiedAppend one)
    {
        var head = OfHeads(one.First.Stream);
        var isNext = one.Clears ? head.Version > 0 : head.Version + 1 == one.First.Version.Value;
        return isNext ? head : throw new CopyOvertakenException(
            $"Stream {one.First.Stream} of {job.Target.Name} is at version {head.Version}, and the next event of "
            + $"{job.Source.Name} at {one.First.Position} has version {one.First.Version}: the target is no copy of "
            + "the source, another process writes to it, or the source is damaged. Verify both.");
    }

    // Several batches of a round are made at once.
    private TargetHead OfHeads(StreamName stream)
    {
        lock (heads) return heads[stream];
    }

    private void SetHead(CopiedAppend one, long position)
    {
        lock (heads) heads[one.First.Stream] = new(one.Clears ? 0 : one.Last.Version.Value, position);
    }

    private void Check(CopiedAppend one, AppendResult result, LogPosition expected)
    {
        if (result.Outcome != AppendOutcome.Appended)
            throw new CopyOvertakenException(
                $"{job.Target.Name} has answered {result.Outcome} to the append of {one.First.Stream} at "
                + $"{one.First.Position} of {job.Source.Name}: another process writes to it.");
        var version = one.Clears ? StreamVersion.Zero : one.Last.Version;
        if (result.Version != version)
            throw Differs(one, "version", version.ToString(), result.Version.ToString());
        if (result.Position != expected)
            throw new CopyOvertakenException(
                $"{job.Target.Name} has the append of {one.First.Stream} at {result.Position}, and not at {expected}: "
                + "another process writes to it.");
        if (job.KeepsPositions && result.Position != one.Last.Position)
            throw Differs(one, "position", one.Last.Position.ToString(), result.Position.ToString());
        if (result.Timestamp == one.Last.Timestamp) return;

        // Two partitions of a source that is written have no common order: what comes late gets a later time.
        if (job.KeepsPositions || result.Timestamp < one.Last.Timestamp)
            throw Differs(one, "time", EventLine.Text(one.Last.Timestamp), EventLine.Text(result.Timestamp));
        job.Progress.AddLater(one.Events.Count);
    }

    private CommandException Differs(CopiedAppend one, string what, string expected, string actual) => new(
        $"{job.Target.Name} has kept the append of {one.First.Stream} at {one.Last.Position} of {job.Source.Name} with "
        + $"{what} {actual} instead of {expected}: it is no copy. Begin with an empty target.", ExitCodes.Found);
}
