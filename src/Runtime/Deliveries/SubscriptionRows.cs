namespace Granary.Runtime;

/// <summary>The rows that a durable subscription begins with, and those that it leaves.</summary>
internal sealed class SubscriptionRows(IModelStore models)
{
    private const int TriesMax = 1_000;

    /// <summary>
    /// Stores where a partition begins, and the row that its worker needs for each commit: both are not there before.
    /// </summary>
    /// <exception cref="StoreUnavailableException">Another call has changed the subscription meanwhile.</exception>
    public static async ValueTask BeginAsync(
        WorkerDefinition definition, LogPartition partition, WorkerServices services, SubscriptionClaim claim,
        CancellationToken cancellationToken)
    {
        var owner = new DeliveryOwner(services.Models, definition, partition);
        var (checkpoint, put) = (new WorkerCheckpoint(definition, partition, services), claim.ToPut());
        try
        {
            await checkpoint.TakeOverAsync([owner.ToPut(), put], cancellationToken);
        }
        catch (WorkerOvertakenException)
        {
            throw claim.Changed();
        }

        claim.OnCommitted(put, checkpoint.Revision);
    }

    /// <summary>Deletes its checkpoints, deliveries and parked streams.</summary>
    /// <param name="name">The subscription.</param>
    /// <param name="partitionCount">How many partitions the log has.</param>
    /// <param name="keepsReader">
    /// Whether another reader has its name: then the checkpoints and parked streams are that one's, and are kept.
    /// </param>
    /// <param name="claim">The call that deletes them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StoreUnavailableException">Another call has changed the subscription meanwhile.</exception>
    public async ValueTask DeleteAsync(
        string name, int partitionCount, bool keepsReader, SubscriptionClaim claim,
        CancellationToken cancellationToken)
    {
        // First: without these rows no worker can write the others again.
        for (var at = 0; at < partitionCount; at++)
            await DeleteOwnerAsync(ReaderKeys.Of(name, new LogPartition(at)), claim, cancellationToken);
        var rows = new ReaderRows(models, claim.CommitAsync);
        if (!keepsReader) await DeleteCheckpointsAsync(name, partitionCount, claim, cancellationToken);
        await rows.DeleteAsync(
            DeliveryTables.Deliveries, DeliveryTables.Deliveries.Columns[0], name, cancellationToken);
        if (!keepsReader) await rows.DeleteAsync(name, cancellationToken);
    }

    // No commit of rows deletes checkpoints, so it is looked just before whether the call was overtaken. A worker whose
    // checkpoint is deleted all the same stops, and skips nothing.
    private async ValueTask DeleteCheckpointsAsync(
        string name, int partitionCount, SubscriptionClaim claim, CancellationToken cancellationToken)
    {
        for (var at = 0; at < partitionCount; at++)
        {
            if (await models.ReadCheckpointAsync(name, new LogPartition(at), cancellationToken) is null) continue;
            await claim.CommitAsync([], cancellationToken);
            await models.DeleteCheckpointsAsync(name, cancellationToken);
            return;
        }
    }

    private async ValueTask DeleteOwnerAsync(string key, SubscriptionClaim claim, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var rows = await models.ReadAsync(DeliveryTables.Owners, [key], cancellationToken);
            if (rows.Count == 0) return;

            // Where a worker has written it meanwhile it is read again.
            if (await claim.CommitAsync([ModelWrite.Delete(DeliveryTables.Owners, rows[0])], cancellationToken)) return;
        }

        throw new StoreUnavailableException(
            $"A worker of the subscription has written the row '{key}' {TriesMax} times meanwhile. Try again.");
    }
}
