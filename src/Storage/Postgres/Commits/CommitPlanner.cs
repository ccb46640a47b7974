namespace Granary.Storage.Postgres;

/// <summary>
/// Judges the appends of a batch in order, each seeing what those before it did. It goes by what this process knows,
/// and reads what it does not know; the function append checks that it still holds.
/// </summary>
internal sealed class CommitPlanner(PartitionIndex index, PostgresDatabase database, StoredNames names)
{
    private readonly EarlierAppends _earlier = new(index, database);

    /// <summary>Plans the appends of a batch from an index on, as many as one transaction can take.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="first">That index.</param>
    /// <param name="countMax">How many at most.</param>
    /// <param name="isFresh">
    /// Whether the log was caught up with since the commit was called: a refusal stands then, whatever came after.
    /// </param>
    /// <param name="cancellationToken">Cancels what is read.</param>
    /// <returns>Null where the log has to be caught up with first.</returns>
    public async Task<CommitPlan?> PlanAsync(
        AppendBatch batch, int first, int countMax, bool isFresh, CancellationToken cancellationToken)
    {
        // Before anything is looked up: what comes after it makes the plan void.
        var plan = new CommitPlan(index.Known);
        if (await FindAsync(batch, first, cancellationToken).ConfigureAwait(false) is not { } streams) return null;
        var judged = new HashSet<StreamName>();
        var cleared = new HashSet<StreamName>();
        for (var at = first; at < batch.Appends.Count && plan.Count < countMax; at++)
        {
            var append = batch.Appends[at];

            // Its events are still those from before the clearing as far as the tables are read.
            if (cleared.Contains(append.Stream)) break;
            var stream = streams[append.Stream];

            // The positions of what is planned are not certain yet.
            if (stream.IsPlanned && append.Expected.Position != GlobalPosition.Zero) break;
            var wasAbsent = stream.Number == 0;
            var answer = await DecideAsync(plan, stream, append, cancellationToken).ConfigureAwait(false);
            plan.Answer(stream, answer);

            // A clearing that found nothing writes nothing: what has come would stay.
            stream.CanFollow &= answer.Outcome == AppendOutcome.Appended
                && append.Expected.Kind != ExpectedVersionKind.Exactly && (!append.ClearsStream || answer.IsPlanned);
            var mayChange = answer.Outcome == AppendOutcome.Appended
                || (answer.Outcome == AppendOutcome.Conflict && !isFresh);
            if (mayChange && judged.Add(append.Stream)) plan.Judge(stream, wasAbsent);
            if (append.ClearsStream) cleared.Add(append.Stream);
        }

        return plan;
    }

    private async Task<Dictionary<StreamName, PlannedStream>?> FindAsync(
        AppendBatch batch, int first, CancellationToken cancellationToken)
    {
        var streams = new Dictionary<StreamName, PlannedStream>();
        var unknown = new List<StreamName>();
        for (var at = first; at < batch.Appends.Count; at++)
        {
            var name = batch.Appends[at].Stream;
            var planned = new PlannedStream(name);
            if (!streams.TryAdd(name, planned)) continue;
            if (names.KnownStream(name) is { } number && index.Unflushed.View(number).Head is { } head)
                Place(planned, number, head);
            else
                unknown.Add(name);
        }

        while (unknown.Count > 0)
        {
            // A flush that ends in between leaves a head in memory no more, and not yet in what was read.
            var flushed = index.Unflushed.Flushed;
            var found = await names.FindStreamsAsync(unknown, cancellationToken).ConfigureAwait(false);
            if (!TryPlace(streams, unknown, found)) return null;
            if (index.Unflushed.Flushed == flushed) break;
        }

        return streams;
    }

    // False where another process has just added one of them.
    private bool TryPlace(
        Dictionary<StreamName, PlannedStream> streams, List<StreamName> unknown,
        Dictionary<StreamName, FoundStream> found)
    {
        foreach (var name in unknown)
        {
            if (!found.TryGetValue(name, out var one)) continue;
            var head = one.Head;
            if (index.Unflushed.View(one.Number).Head is { } newer && newer.Position > head.Position) head = newer;

            if (head.Position == 0) return false;
            Place(streams[name], one.Number, head);
        }

        return true;
    }

    private static void Place(PlannedStream stream, long number, EventAddress head)
    {
        (stream.Number, stream.Stored) = (number, head);
        (stream.Version, stream.Position) = (head.Version, head.Position);
    }

    private async ValueTask<PlannedAnswer> DecideAsync(
        CommitPlan plan, PlannedStream stream, Append append, CancellationToken cancellationToken)
    {
        var met = append.Expected.IsMetBy(new(stream.Version), new(stream.Position));
        if (stream.Number != 0
            && await FindEarlierAsync(stream, append, met, cancellationToken).ConfigureAwait(false) is { } earlier)
            return earlier;
        if (!met) return Now(AppendOutcome.Conflict, stream);
        if (append.ClearsStream)
        {
            if (stream.Version == 0) return Now(AppendOutcome.Appended, stream);
            var marker = new NewEvent(append.Id.Value, EventTypes.StreamCleared, default);
            plan.Add(stream, 0, marker, await TypeOfAsync(marker, cancellationToken).ConfigureAwait(false), append);
        }

        foreach (var @event in append.Events)
        {
            var type = await TypeOfAsync(@event, cancellationToken).ConfigureAwait(false);
            plan.Add(stream, stream.Version + 1, @event, type, append);
        }

        stream.Appended[append.Id] = new EventAddress(stream.Version, stream.Position);
        return Now(AppendOutcome.Appended, stream);
    }

    private async ValueTask<PlannedAnswer?> FindEarlierAsync(
        PlannedStream stream, Append append, bool met, CancellationToken cancellationToken)
    {
        // A clearing may have been followed by others, and by events that bring the stream to any version again.
        if (append.ClearsStream)
            return await _earlier.FindClearingAsync(stream, append, cancellationToken).ConfigureAwait(false);

        // A position is met once, a version in each generation.
        if (met && append.Expected.Position != GlobalPosition.Zero) return null;
        if (stream.Appended.TryGetValue(append.Id, out var planned))
            return new PlannedAnswer(AppendOutcome.AlreadyAppended, planned, IsPlanned: true);
        if (stream.Number < 0) return null;
        var found = append.Expected.Kind != ExpectedVersionKind.Exactly
            ? await _earlier.FindAmongLastAsync(stream, append, cancellationToken).ConfigureAwait(false)
            : met ? null
            : await _earlier.FindAfterExpectedAsync(stream, append, cancellationToken).ConfigureAwait(false);
        return found ?? await _earlier.FindAmongClearedAsync(stream, append, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<int> TypeOfAsync(NewEvent @event, CancellationToken cancellationToken) =>
        names.FindOrAddTypeAsync(new(@event.Type, @event.SchemaVersion, @event.ContentType), cancellationToken);

    private static PlannedAnswer Now(AppendOutcome outcome, PlannedStream stream) =>
        new(outcome, new EventAddress(stream.Version, stream.Position), stream.IsPlanned);
}
