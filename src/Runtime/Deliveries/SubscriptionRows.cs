namespace Granary.Runtime;

/// <summary>Deletes the rows that a durable subscription leaves.</summary>
internal sealed class SubscriptionRows(IModelStore models)
{
    /// <summary>Deletes its deliveries and parked streams, and what its workers need to write them again.</summary>
    public async ValueTask DeleteAsync(string name, int partitionCount, CancellationToken cancellationToken)
    {
        var rows = new ReaderRows(models);
        await rows.DeleteAsync(
            DeliveryTables.Deliveries, DeliveryTables.Deliveries.Columns[0], name, cancellationToken);
        await rows.DeleteAsync(name, cancellationToken);
        var keys = Enumerable.Range(0, partitionCount).Select(at => ReaderKeys.Of(name, new LogPartition(at)));
        var owners = await models.ReadAsync(DeliveryTables.Owners, [.. keys], cancellationToken);
        if (owners.Count == 0) return;
        IReadOnlyList<ModelWrite> deletes =
            [.. owners.Select(static row => ModelWrite.Delete(DeliveryTables.Owners, row))];
        await models.CommitAsync(new ModelCommit(deletes) { Durable = true }, cancellationToken);
    }
}
