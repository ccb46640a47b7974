namespace Granary.Runtime;

/// <summary>
/// Sees to it that a power failure does not undo checkpoints that events are removed by. Most commits of models are not
/// synced one by one; one that is durable has all before it survive.
/// </summary>
internal sealed class DurableCheckpoints(IModelStore models)
{
    private static readonly ModelTable Table = new("granary_synced");

    private volatile HashSet<ModelCheckpoint>? _kept;
    private volatile bool _hasTable;

    /// <summary>Makes what was read before survive.</summary>
    /// <param name="read">The checkpoints that were read: those that are the same as at the last time do.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask KeepAsync(IReadOnlyList<ModelCheckpoint> read, CancellationToken cancellationToken)
    {
        if (read.Count == 0 || _kept?.SetEquals(read) == true) return;
        if (!_hasTable) await models.CreateTableAsync(Table, cancellationToken);
        _hasTable = true;
        const string key = "checkpoints";
        var row = (await models.ReadAsync(Table, [key], cancellationToken)).SingleOrDefault();

        // Where another one has written the row meanwhile, that was a durable commit after these were read.
        await models.CommitAsync(
            new ModelCommit(ModelWrite.Put(Table, key, row, "{}"u8.ToArray(), [])) { Durable = true },
            cancellationToken);
        _kept = [.. read];
    }
}
