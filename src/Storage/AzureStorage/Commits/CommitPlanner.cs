namespace Granary.Storage.AzureStorage;

/// <summary>
/// Judges the appends of a batch in order, each seeing what those before it did, by what the writer knows of their
/// streams.
/// </summary>
internal sealed class CommitPlanner(LogPartition partition, AzureAccount account, AzureBlobs blobs)
{
    // So many heads are read at once. A transaction takes no more streams.
    private const int StreamsMax = 48;

    private readonly EarlierAppends _earlier = new(partition, account);

    /// <summary>Plans the appends of a batch from an index on, as many as one transaction takes.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="first">That index.</param>
    /// <param name="tail">The tail that the plan is based on.</param>
    /// <param name="known">What is known of streams while that is the tail; what is read is added.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public async Task<CommitPlan> PlanAsync(
        AppendBatch batch, int first, TailRow tail, Dictionary<StreamName, StreamState> known,
        CancellationToken cancellationToken)
    {
        var plan = new CommitPlan(tail, Uuid7.New(account.Time), blobs);
        var streams = await FindAsync(batch, first, known, cancellationToken).ConfigureAwait(false);
        for (var at = first; at < batch.Appends.Count; at++)
        {
            var append = batch.Appends[at];
            if (!streams.TryGetValue(append.Stream, out var stream) || stream.Precedes(append)) break;
            if (await DecideAsync(plan, stream, append, Now(batch, append, plan), cancellationToken)
                .ConfigureAwait(false) is not { } answer) break;
            plan.Answers.Add(answer);
        }

        return plan;
    }

    private async Task<Dictionary<StreamName, PlannedStream>> FindAsync(
        AppendBatch batch, int first, Dictionary<StreamName, StreamState> known, CancellationToken cancellationToken)
    {
        var names = batch.Appends.Skip(first).Select(static one => one.Stream).Distinct().Take(StreamsMax).ToArray();
        var heads = await Task.WhenAll(names.Where(name => !known.ContainsKey(name))
            .Select(name => account.ReadHeadAsync(partition, name, cancellationToken))).ConfigureAwait(false);
        foreach (var head in heads) known.Add(head.Stream, new StreamState(head));
        return names.ToDictionary(static name => name, name => new PlannedStream(known[name]));
    }

    // Null where another transaction has to take the append.
    private async ValueTask<AppendResult?> DecideAsync(
        CommitPlan plan, PlannedStream stream, Append append, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (version, position) = (new StreamVersion(stream.Head.Version), new GlobalPosition(stream.Head.Position));
        var met = append.Expected.IsMetBy(version, position);
        if (await _earlier.FindAsync(stream, append, met, cancellationToken).ConfigureAwait(false) is { } earlier)
            return earlier;
        if (!met) return new AppendResult(AppendOutcome.Conflict, version, new(partition, position), now);
        var writes = !append.ClearsStream || version > StreamVersion.Zero;
        if (writes && !plan.TryAdd(stream, append, now)) return null;
        return new AppendResult(
            AppendOutcome.Appended, new(stream.Head.Version), new(partition, new(stream.Head.Position)), now);
    }

    // A copied time that is later than now does not count, and a clock that goes back does not take the log with it.
    private static DateTimeOffset Now(AppendBatch batch, Append append, CommitPlan plan)
    {
        var given = append.RecordedAt is { } copied && copied < batch.Timestamp ? copied : batch.Timestamp;
        return given > plan.Time ? given : plan.Time;
    }
}
