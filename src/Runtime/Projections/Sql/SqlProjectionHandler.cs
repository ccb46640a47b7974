namespace Granary.Runtime;

/// <summary>
/// Hands batches of events to an SQL projection, in the transaction that moves the checkpoint, as long as its build is
/// the one that may write.
/// </summary>
internal sealed class SqlProjectionHandler(
    RegisteredSqlProjection projection, SqlBuild build, LogPartition partition, IModelStore models) : ILogHandler
{
    private readonly SqlBuildsTable _builds = new(models);

    /// <inheritdoc />
    public async ValueTask<HandledEvents> HandleAsync(LogBatch batch, CancellationToken cancellationToken)
    {
        var events = projection.Decode(batch.Events);
        if (events.Count == 0) return HandledEvents.Nothing;
        var row = await _builds.ReadAsync(projection.Name, partition, cancellationToken);
        if (!build.IsSameAs(row.Build) || !row.Build!.IsReady)
            throw new WorkerOvertakenException(build.NameOf(projection.Name), partition);

        // Written as it is, so that the commit fails where the build has changed since.
        return new HandledEvents
        {
            Writes = [SqlBuildsTable.Put(projection.Name, row, row.Build)],
            Sql = (connection, transaction, token) =>
                projection.Projection.ApplyAsync(events, connection, transaction, token),
        };
    }

    /// <inheritdoc />
    public void OnCommitted()
    {
        // Nothing is remembered.
    }
}
