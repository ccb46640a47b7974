namespace Granary.Runtime;

/// <summary>Deletes the rows that a durable subscription leaves.</summary>
internal sealed class SubscriptionRows(IModelStore models)
{
    /// <summary>
    /// Deletes its deliveries and parked streams, a page a commit, and what its workers need to write them again.
    /// </summary>
    public async ValueTask DeleteAsync(string name, int partitionCount, CancellationToken cancellationToken)
    {
        await DeleteAsync(DeliveryTables.Deliveries, DeliveryTables.Deliveries.Columns[0], name, cancellationToken);
        await DeleteAsync(ReaderTables.Parked, ReaderTables.ParkedReader, name, cancellationToken);
        var owners = Enumerable.Range(0, partitionCount).Select(at => ReaderKeys.Of(name, new LogPartition(at)));
        var rows = await models.ReadAsync(DeliveryTables.Owners, [.. owners], cancellationToken);
        await CommitAsync(DeliveryTables.Owners, rows, cancellationToken);
    }

    private async ValueTask DeleteAsync(
        ModelTable table, ModelColumn column, string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await models.QueryAsync(
                new ModelQuery(table)
                {
                    Conditions = [new ModelCondition(column, ModelComparison.Equal, name)],
                    Limit = GranaryLimits.PageSizeMax,
                },
                cancellationToken);
            if (page.Rows.Count == 0) return;
            await CommitAsync(table, page.Rows, cancellationToken);
        }
    }

    // Where a row has changed meanwhile it is found again.
    private async ValueTask CommitAsync(
        ModelTable table, IReadOnlyList<ModelRow> rows, CancellationToken cancellationToken)
    {
        IReadOnlyList<ModelWrite> deletes = [.. rows.Select(row => ModelWrite.Delete(table, row))];
        if (deletes.Count > 0)
            await models.CommitAsync(new ModelCommit(deletes) { Durable = true }, cancellationToken);
    }
}
