namespace Granary.Runtime;

/// <summary>Deletes the rows that a durable subscription leaves.</summary>
internal sealed class SubscriptionRows(IModelStore models)
{
    /// <summary>Deletes its deliveries and parked streams, a page a commit.</summary>
    /// <remarks>No worker writes them any more: the checkpoint that it needs for that is deleted.</remarks>
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        await DeleteAsync(DeliveryTables.Deliveries, DeliveryTables.Deliveries.Columns[0], name, cancellationToken);
        await DeleteAsync(ReaderTables.Parked, ReaderTables.ParkedReader, name, cancellationToken);
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
            IReadOnlyList<ModelWrite> deletes = [.. page.Rows.Select(row => ModelWrite.Delete(table, row))];
            await models.CommitAsync(new ModelCommit(deletes), cancellationToken);
        }
    }
}
