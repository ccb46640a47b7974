namespace Granary.Runtime;

/// <summary>Removes old effects from the ledger, the oldest first.</summary>
internal sealed class EffectPruning(IModelStore models, TimeProvider time, EffectLedgerOptions options)
{
    private const int PageSize = 500;

    /// <summary>Removes what is due, within the bound of one time.</summary>
    /// <returns>How many effects were removed.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await models.CreateTableAsync(EffectTables.Effects, cancellationToken);
        await models.CreateTableAsync(ReaderTables.Parked, cancellationToken);
        var positions = (await models.ReadCheckpointsAsync(cancellationToken))
            .ToDictionary(static one => (one.Name, one.Partition.Value), static one => one.Position.Value);
        var query = new ModelQuery(EffectTables.Effects)
        {
            Conditions =
            [
                new ModelCondition(
                    EffectTables.At, ModelComparison.Less, time.GetUtcNow() - TimeSpan.FromDays(options.KeepDays)),
            ],
            OrderBy = EffectTables.At,
            Limit = Math.Min(PageSize, options.RemovedMax),
        };
        for (var removed = 0; ;)
        {
            var page = await models.QueryAsync(query, cancellationToken);
            removed += await RemoveAsync(page.Rows, positions, cancellationToken);
            if (page.Next is null || removed >= options.RemovedMax) return removed;
            query = query with { After = page.Next, Limit = Math.Min(PageSize, options.RemovedMax - removed) };
        }
    }

    private async ValueTask<int> RemoveAsync(
        IReadOnlyList<ModelRow> rows, Dictionary<(string, int), long> positions, CancellationToken cancellationToken)
    {
        var passed = rows.Select(EffectLedger.Parse)
            .Where(one => IsPassed(one.Effect, positions)).ToArray();
        if (passed.Length == 0) return 0;
        var keys = passed.Select(static one => ParkedKeyOf(one.Effect)).Distinct().ToArray();
        var parked = (await models.ReadAsync(ReaderTables.Parked, keys, cancellationToken))
            .Select(static one => one.Key).ToHashSet();
        var due = passed.Where(one => !parked.Contains(ParkedKeyOf(one.Effect))).ToArray();
        if (due.Length == 0) return 0;
        var commit = new ModelCommit(
            [.. due.Select(static one => ModelWrite.Delete(EffectTables.Effects, one.Row))]);
        // Where another silo removes them as well, one of the two has done it.
        var outcome = await models.CommitAsync(commit, cancellationToken);
        return outcome == ModelCommitOutcome.Committed ? due.Length : 0;
    }

    // A reader without a checkpoint is gone.
    private static bool IsPassed(EffectRecord effect, Dictionary<(string, int), long> positions) =>
        !positions.TryGetValue((effect.Reader, effect.Partition), out var position) || effect.Position <= position;

    private static string ParkedKeyOf(EffectRecord effect) =>
        ParkedRow.KeyOf(effect.Reader, new StreamName(effect.Category, effect.Key));
}
