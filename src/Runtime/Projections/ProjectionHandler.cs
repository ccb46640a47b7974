namespace Granary.Runtime;

/// <summary>
/// Folds batches of events into a table: reads the rows of the batch's keys, folds each key's events in order, and
/// writes each row once.
/// </summary>
internal sealed class ProjectionHandler<TModel>(
    RegisteredProjection<TModel> projection, ModelTable table, IModelStore models) : ILogHandler
    where TModel : class
{
    // The reader's own rows are written in the same commit.
    private const int ModelsMax = ModelCommit.WritesMax / 2;

    /// <inheritdoc />
    public async ValueTask<HandledEvents> HandleAsync(LogBatch batch, CancellationToken cancellationToken)
    {
        var changes = Collect(batch);
        if (changes.Count > ModelsMax)
            throw new BatchTooLargeException(
                $"The events concern {changes.Count} models; at most {ModelsMax} are changed at once.");
        var rows = await ReadRowsAsync(changes.Keys, cancellationToken);

        var writes = new List<ModelWrite>();
        foreach (var (key, events) in changes)
        {
            if (Fold(key, rows.GetValueOrDefault(key), events) is { } write) writes.Add(write);
        }

        return new HandledEvents { Writes = writes };
    }

    /// <inheritdoc />
    public void OnCommitted()
    {
        // Nothing is remembered of the rows: workers of other partitions change them too, and where an event changes
        // nothing, as a deletion of what is not there, the commit compares no row.
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

    private async ValueTask<Dictionary<string, ModelRow>> ReadRowsAsync(
        IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, ModelRow>(keys.Count, StringComparer.Ordinal);
        foreach (var some in keys.Chunk(GranaryLimits.PageSizeMax))
        {
            foreach (var row in await models.ReadAsync(table, some, cancellationToken)) rows[row.Key] = row;
        }

        return rows;
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
