namespace Granary.Cli;

/// <summary>
/// Stores with different numbers of partitions. While it runs, checkpoints in the target say how far each partition of
/// the source was copied; each is moved when its round is written. When it has ended they are deleted, as a checkpoint
/// holds back truncation. What was copied is counted in the target then: each position of the source is one event of
/// the target.
/// </summary>
internal sealed class MergedState(CopyJob job) : ICopyState
{
    // What may be written after the checkpoints: by this copy, and by another one that this one takes over from.
    private const int TailEvents = 2 * (GranaryLimits.AppendEventsMax + CopyRound.EventsMax);

    private readonly LogPosition[] _after = new LogPosition[job.Source.Description.PartitionCount];
    private long _epoch;

    public async Task<CopyBegin> ResumeAsync(CancellationToken cancellationToken)
    {
        var ends = new long[job.Target.Description.PartitionCount];
        for (var at = 0; at < ends.Length; at++) ends[at] = await job.Target.EndOfAsync(at, cancellationToken);
        var isEmpty = ends.All(static end => end == 0);
        var found = new Checkpoint?[_after.Length];
        for (var at = 0; at < found.Length; at++)
            found[at] = await job.Target.Checkpoints.ReadAsync(NameOf(at), default, cancellationToken);
        var landed = new HashSet<(StreamName, AppendId)>();
        if (_epoch > 0 && found.Any(one => one?.Epoch > _epoch)) throw TakenOver();

        // They are created before the first round and deleted after the last. Where one is missing, rounds are whole.
        if (found.Any(static one => one is null))
        {
            if (isEmpty) for (var at = 0; at < _after.Length; at++) _after[at] = LogPosition.StartOf(new(at));
            else await CountAsync(ends.Length, cancellationToken);
        }
        else
        {
            for (var at = 0; at < _after.Length; at++)
                _after[at] = new(new(at), found[at]?.Position ?? GlobalPosition.Zero);
            await ReadTailAsync(ends, landed, cancellationToken);
            foreach (var after in _after.Where(static one => one.Position > GlobalPosition.Zero))
                await CheckAsync(after, landed, cancellationToken);
        }

        await TakeOverAsync(found, cancellationToken);
        foreach (var one in _after) job.Progress.SetCopied(one.Partition.Value, one.Position.Value);
        return new([.. _after], new TargetWriter(job, new TargetHeads(job.Target, isEmpty), ends, landed));
    }

    public async ValueTask OnWrittenAsync(CopyRound round, CancellationToken cancellationToken)
    {
        foreach (var through in round.Through)
        {
            var at = through.Partition.Value;
            await AdvanceAsync(at, _after[at].Position, through.Position, cancellationToken);
            _after[at] = through;
        }
    }

    /// <summary>Deletes the checkpoints, where every round that was begun was written.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        for (var at = 0; at < _after.Length; at++)
            await job.Target.Checkpoints.DeleteAsync(NameOf(at), cancellationToken);
    }

    private async Task TakeOverAsync(IReadOnlyList<Checkpoint?> found, CancellationToken cancellationToken)
    {
        var epoch = found.Max(static one => one?.Epoch ?? 0) + 1;
        _epoch = epoch;
        for (var at = 0; at < _after.Length; at++)
        {
            // A checkpoint that is not there stands at 0, also where the events were counted.
            var from = found[at]?.Position ?? GlobalPosition.Zero;
            await AdvanceAsync(at, from, _after[at].Position, cancellationToken);
        }
    }

    private async Task AdvanceAsync(
        int partition, GlobalPosition from, GlobalPosition to, CancellationToken cancellationToken)
    {
        var advance = new CheckpointAdvance(NameOf(partition), default, from, to, _epoch);
        if (!await job.Target.Checkpoints.AdvanceAsync(advance, cancellationToken)) throw TakenOver();
    }

    private string NameOf(int partition) => $"granary.copy/{job.Source.Description.StoreId:n}/{partition}";

    // Each event of the target belongs to the partition of the source that its stream has there.
    private async Task CountAsync(int partitions, CancellationToken cancellationToken)
    {
        var counts = new long[_after.Length];
        for (var at = 0; at < partitions; at++)
        {
            await foreach (var one in job.Target.Events.ReadLogAsync(LogPosition.StartOf(new(at)), cancellationToken))
                counts[LogPartition.Of(one.Stream, _after.Length).Value]++;
        }

        for (var from = 0; from < counts.Length; from++)
        {
            _after[from] = new(new(from), new(counts[from]));
            if (counts[from] > 0) await CheckAsync(_after[from], [], cancellationToken);
        }
    }

    // The event that is the last of so many has to be in the target: as the last of its stream, or among those that
    // were written last.
    private async Task CheckAsync(
        LogPosition after, HashSet<(StreamName, AppendId)> landed, CancellationToken cancellationToken)
    {
        var (partition, count) = (after.Partition.Value, after.Position.Value);
        var there = await job.Source.ReadAtAsync(partition, count, cancellationToken)
            ?? throw AlignedState.NoCopy(job, $" It has {count} events of streams of which the source has fewer.");
        if (landed.Contains((there.Stream, there.AppendId))) return;
        var target = LogPartition.Of(there.Stream, job.Target.Description.PartitionCount);
        var head = await job.Target.Events.ReadHeadAsync(there.Stream, cancellationToken);
        var here = head.Position.Position == GlobalPosition.Zero
            ? null
            : await job.Target.ReadAtAsync(target.Value, head.Position.Position.Value, cancellationToken);
        if (here is null || !CopiedAppend.AreSame(there, here))
            throw AlignedState.NoCopy(
                job, $" The last of its {count} events of partition {partition} of the source is another one than "
                + $"{there.Stream} at {there.Position}.");
    }

    private async Task ReadTailAsync(
        long[] ends, HashSet<(StreamName, AppendId)> landed, CancellationToken cancellationToken)
    {
        for (var at = 0; at < ends.Length; at++)
        {
            var after = new LogPosition(new(at), new(Math.Max(0, ends[at] - TailEvents)));
            await foreach (var one in job.Target.Events.ReadLogAsync(after, cancellationToken))
                landed.Add((one.Stream, one.AppendId));
        }
    }

    private CommandException TakenOver() => new(
        $"Another copy of {job.Source.Name} to {job.Target.Name} has begun, and continues it.", ExitCodes.Found);
}
