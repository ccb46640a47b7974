namespace Granary.Runtime;

/// <summary>Deletes the rows that a reader which is no more leaves beside its checkpoints.</summary>
/// <param name="models">The store.</param>
/// <param name="commit">
/// Commits deletions, and returns whether no row was changed meanwhile; null for commits of their own.
/// </param>
internal sealed class ReaderRows(
    IModelStore models, Func<IReadOnlyList<ModelWrite>, CancellationToken, ValueTask<bool>>? commit = null)
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
        var asked = await models.ReadAsync(ReaderTables.Readers, [reader], cancellationToken);
        if (asked.Count > 0) await CommitAsync([ModelWrite.Delete(ReaderTables.Readers, asked[0])], cancellationToken);
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
            await CommitAsync(deletes, cancellationToken);
        }
    }

    private async ValueTask CommitAsync(IReadOnlyList<ModelWrite> deletes, CancellationToken cancellationToken)
    {
        if (commit is null) await models.CommitAsync(new ModelCommit(deletes) { Durable = true }, cancellationToken);
        else await commit(deletes, cancellationToken);
    }
}
