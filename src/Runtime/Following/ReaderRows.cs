namespace Granary.Runtime;

/// <summary>Deletes the rows that a reader which is no more leaves beside its checkpoints.</summary>
internal sealed class ReaderRows(IModelStore models)
{
    /// <summary>Deletes its parked streams, what was asked of it, and that it has begun.</summary>
    /// <remarks>
    /// Its checkpoints are deleted before: its workers need them to park a stream. What would be left of it holds back
    /// what may be removed of the log, and a reader that is called the same would pass over those streams.
    /// </remarks>
    public async ValueTask DeleteAsync(string reader, CancellationToken cancellationToken)
    {
        await models.CreateTableAsync(ReaderTables.Parked, cancellationToken);
        await models.CreateTableAsync(ReaderTables.Readers, cancellationToken);
        await models.CreateTableAsync(ReaderTables.Begun, cancellationToken);
        await DeleteAsync(ReaderTables.Parked, ReaderTables.ParkedReader, reader, cancellationToken);
        await DeleteAsync(ReaderTables.Begun, ReaderTables.BegunReader, reader, cancellationToken);
        await new ReaderSettings(models).DeleteAsync(reader, cancellationToken);
    }

    /// <summary>Deletes the rows of a table that are a reader's, a page a commit.</summary>
    public async ValueTask DeleteAsync(
        ModelTable table, ModelColumn column, string reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await models.QueryAsync(
                new ModelQuery(table)
                {
                    Conditions = [new ModelCondition(column, ModelComparison.Equal, reader)],
                    Limit = GranaryLimits.PageSizeMax,
                },
                cancellationToken);
            if (page.Rows.Count == 0) return;
            IReadOnlyList<ModelWrite> deletes = [.. page.Rows.Select(row => ModelWrite.Delete(table, row))];
            await models.CommitAsync(new ModelCommit(deletes) { Durable = true }, cancellationToken);
        }
    }
}
