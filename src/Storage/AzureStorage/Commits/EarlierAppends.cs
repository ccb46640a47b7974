namespace Granary.Storage.AzureStorage;

/// <summary>Finds an append that had landed before, by its id.</summary>
internal sealed class EarlierAppends(LogPartition partition, AzureAccount account)
{
    private const int Window = GranaryLimits.AppendIdWindow;

    private readonly string _key = RowKeys.PartitionOf(partition);

    /// <summary>The answer to an append that had landed before; null where it had not.</summary>
    /// <param name="stream">Its stream.</param>
    /// <param name="append">The append.</param>
    /// <param name="met">Whether what it expects is so now.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public async ValueTask<AppendResult?> FindAsync(
        PlannedStream stream, Append append, bool met, CancellationToken cancellationToken)
    {
        if (append.ClearsStream)
            return await FindClearingAsync(stream, append, cancellationToken).ConfigureAwait(false);

        // A position is met once, a version in each generation.
        var exactly = append.Expected.Kind == ExpectedVersionKind.Exactly;
        if (exactly && met && append.Expected.Position != GlobalPosition.Zero) return null;
        var found = exactly
            ? await FindAfterAsync(stream.State.Head, append, cancellationToken).ConfigureAwait(false)
            : await FindRecentAsync(stream, append, cancellationToken).ConfigureAwait(false);
        found ??= await FindOfEarlierGenerationAsync(stream, append, cancellationToken).ConfigureAwait(false);
        return found?.ToAlready(partition);
    }

    private async ValueTask<AppendResult?> FindClearingAsync(
        PlannedStream stream, Append append, CancellationToken cancellationToken)
    {
        var head = stream.State.Head;
        if (head.Generation == 0) return null;
        var clearings = await ClearingsAsync(head, cancellationToken).ConfigureAwait(false);
        return clearings.FindLast(one => one.Id == append.Id.Value) is { } found
            ? new AppendResult(
                AppendOutcome.AlreadyAppended, StreamVersion.Zero, new(partition, new(found.Position)),
                Instants.Of(found.Time))
            : null;
    }

    // What follows the expected version, if it is the append.
    private async ValueTask<AppendKey?> FindAfterAsync(
        HeadRow head, Append append, CancellationToken cancellationToken)
    {
        var after = append.Expected.Version.Value;
        if (after >= head.Version) return null;
        var range = EventsOf(head, head.Generation, after, head.Generation, head.Version);
        return await range.FirstAsync(account, cancellationToken).ConfigureAwait(false) is { } row
            && EventsRow.ReadKey(row) is var found && found.First == after + 1 && found.Id == append.Id.Value
            ? found
            : null;
    }

    private async ValueTask<AppendKey?> FindRecentAsync(
        PlannedStream stream, Append append, CancellationToken cancellationToken)
    {
        var (state, head) = (stream.State, stream.State.Head);
        state.Recent ??= await EventsOf(
                head, head.Generation, Math.Max(0, head.Version - Window), head.Generation, head.Version)
            .ReadAllAsync(account, EventsRow.ReadKey, cancellationToken).ConfigureAwait(false);
        return state.Recent.FindLast(one =>
            one.Id == append.Id.Value && one.Last > stream.Head.Version - Window);
    }

    // The tombstones of cleared events count among the last ones.
    private async ValueTask<AppendKey?> FindOfEarlierGenerationAsync(
        PlannedStream stream, Append append, CancellationToken cancellationToken)
    {
        var left = Window - stream.Head.Version;
        if (left <= 0 || stream.State.Head.Generation == 0) return null;
        var earlier = stream.State.Earlier ??=
            await EarlierAsync(stream.State.Head, cancellationToken).ConfigureAwait(false);
        for (var at = earlier.Count - 1; at >= 0 && left > 0; at--)
        {
            if (earlier[at].Id == append.Id.Value) return earlier[at];
            left -= earlier[at].Last - earlier[at].First + 1;
        }

        return null;
    }

    private async Task<List<AppendKey>> EarlierAsync(HeadRow head, CancellationToken cancellationToken)
    {
        var clearings = await ClearingsAsync(head, cancellationToken).ConfigureAwait(false);
        var (left, generation, after) = ((long)Window, head.Generation, 0L);
        for (var at = clearings.Count - 1; at >= 0 && left > 0; at--)
        {
            (generation, after) = (clearings[at].Generation, Math.Max(0, clearings[at].Version - left));
            left -= clearings[at].Version;
        }

        return await EventsOf(head, generation, after, head.Generation - 1, long.MaxValue)
            .ReadAllAsync(account, EventsRow.ReadKey, cancellationToken).ConfigureAwait(false);
    }

    private Task<List<ClearingRow>> ClearingsAsync(HeadRow head, CancellationToken cancellationToken)
    {
        var before = RowKeys.OfClearing(head.Hash, Math.Max(0, head.Generation - Window));

        // The first one itself is among them: its key is after the key without its last character.
        return new TableRange(_key, before[..^1], RowKeys.OfClearing(head.Hash, head.Generation - 1))
            .ReadAllAsync(account, ClearingRow.Read, cancellationToken);
    }

    private TableRange EventsOf(HeadRow head, int generation, long after, int lastGeneration, long through) => new(
        _key, RowKeys.OfEvents(head.Hash, generation, after), RowKeys.OfEvents(head.Hash, lastGeneration, through))
    {
        Select = EventsRow.KeyNames,
    };
}
