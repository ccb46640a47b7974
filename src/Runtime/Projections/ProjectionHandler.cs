namespace Granary.Runtime;

/// <summary>
/// Folds batches of events into a table: reads the rows of the batch's keys, folds each key's events in order, and
/// writes each row once.
/// </summary>
internal sealed class ProjectionHandler<TModel>(
    RegisteredProjection<TModel> projection, ModelTable table, IModelStore models) : ILogHandler
    where TModel : class
{
    private const int CachedMax = 10_000;

    private readonly Dictionary<string, ModelRow?> _cached = new(StringComparer.Ordinal);
    private IReadOnlyList<ModelWrite>? _pending;

    /// <inheritdoc />
    public async ValueTask<HandledEvents> HandleAsync(LogBatch batch, CancellationToken cancellationToken)
    {
        // What was returned before and not committed may have been changed by others.
        if (_pending is not null) _cached.Clear();
        _pending = null;
        var changes = Collect(batch);
        if (changes.Count > ModelCommit.WritesMax / 2)
            throw new BatchTooLargeException($"The events concern {changes.Count} models.");
        await ReadRowsAsync([.. changes.Keys.Where(key => !_cached.ContainsKey(key))], cancellationToken);

        var writes = new List<ModelWrite>();
        foreach (var (key, events) in changes)
        {
            if (Fold(key, _cached[key], events) is { } write) writes.Add(write);
        }

        _pending = writes;
        return new HandledEvents { Writes = writes };
    }

    /// <inheritdoc />
    public void OnCommitted()
    {
        // The rows that were written have a new revision: they are read again when they are needed.
        foreach (var one in _pending ?? []) _cached.Remove(one.Key);
        _pending = null;
        if (_cached.Count > CachedMax) _cached.Clear();
    }

    private Dictionary<string, List<(object? Happened, RecordedEvent Recorded)>> Collect(LogBatch batch)
    {
        var changes = new Dictionary<string, List<(object?, RecordedEvent)>>(StringComparer.Ordinal);
        foreach (var recorded in batch.Events)
        {
            try
            {
                foreach (var (happened, keys) in projection.Decode(recorded))
                {
                    foreach (var key in keys.Distinct(StringComparer.Ordinal))
                    {
                        ModelWrite.CheckKey(key);
                        if (!changes.TryGetValue(key, out var of)) changes[key] = of = [];
                        of.Add((happened, recorded));
                    }
                }
            }
            catch (Exception fault)
            {
                throw new EventFailedException(recorded, fault);
            }
        }

        return changes;
    }

    private async ValueTask ReadRowsAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        foreach (var some in keys.Chunk(GranaryLimits.PageSizeMax))
        {
            foreach (var key in some) _cached[key] = null;
            foreach (var row in await models.ReadAsync(table, some, cancellationToken)) _cached[row.Key] = row;
        }
    }

    // The model is made anew from its document, so what an event that fails has changed of it is gone.
    private ModelWrite? Fold(
        string key, ModelRow? row, List<(object? Happened, RecordedEvent Recorded)> events)
    {
        var last = events[0].Recorded;
        try
        {
            var model = row is null ? null : projection.Read(row.Document);
            foreach (var (happened, recorded) in events)
            {
                last = recorded;
                model = projection.Fold(model, happened, recorded);
            }

            if (model is null) return row is null ? null : ModelWrite.Delete(table, row);
            var (document, kept) = projection.Write(model);
            return ModelWrite.Put(table, key, row, document, projection.ReadColumns(kept), last.Position);
        }
        catch (Exception fault)
        {
            throw new EventFailedException(last, fault);
        }
    }
}
