namespace Granary.Runtime;

/// <summary>The rows that a durable subscription begins with, and those that it leaves.</summary>
internal sealed class SubscriptionRows(IModelStore models)
{
    private const int TriesMax = 1_000;

    /// <summary>
    /// Stores where a partition begins, and the row that its worker needs for each commit: both are not there before.
    /// </summary>
    public static ValueTask BeginAsync(
        WorkerDefinition definition, LogPartition partition, WorkerServices services,
        CancellationToken cancellationToken)
    {
        var owner = new DeliveryOwner(services.Models, definition, partition);
        return new WorkerCheckpoint(definition, partition, services)
            .TakeOverAsync([owner.ToPut()], cancellationToken);
    }

    /// <summary>Deletes its checkpoints, deliveries and parked streams.</summary>
    /// <param name="name">The subscription.</param>
    /// <param name="partitionCount">How many partitions the log has.</param>
    /// <param name="keepsReader">
    /// Whether another reader has its name: then the checkpoints and parked streams are that one's, and are kept.
    /// </param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask DeleteAsync(
        string name, int partitionCount, bool keepsReader, CancellationToken cancellationToken)
    {
        // First: without these rows no worker can write the others again.
        for (var at = 0; at < partitionCount; at++)
            await DeleteOwnerAsync(ReaderKeys.Of(name, new LogPartition(at)), cancellationToken);
        var rows = new ReaderRows(models);
        if (!keepsReader) await models.DeleteCheckpointsAsync(name, cancellationToken);
        await rows.DeleteAsync(
            DeliveryTables.Deliveries, DeliveryTables.Deliveries.Columns[0], name, cancellationToken);
        if (!keepsReader) await rows.DeleteAsync(name, cancellationToken);
    }

    private async ValueTask DeleteOwnerAsync(string key, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var rows = await models.ReadAsync(DeliveryTables.Owners, [key], cancellationToken);
            if (rows.Count == 0) return;

            // Where a worker has written it meanwhile it is read again.
            var commit = new ModelCommit(ModelWrite.Delete(DeliveryTables.Owners, rows[0])) { Durable = true };
            if (await models.CommitAsync(commit, cancellationToken) == ModelCommitOutcome.Committed) return;
        }

        throw new StoreUnavailableException(
            $"A worker of the subscription has written the row '{key}' {TriesMax} times meanwhile. Try again.");
    }
}
