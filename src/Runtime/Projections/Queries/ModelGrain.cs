using Orleans.Concurrency;

namespace Granary.Runtime;

/// <summary>
/// Reads models in a silo: from the build that serves queries, and those of live projections from their streams.
/// </summary>
[StatelessWorker, Reentrant]
internal sealed class ModelGrain(IProjectionTables tables, FollowingServices services) : Grain, IModelGrain
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);

    private readonly LiveModels _live = new(services.Store, services.Time);

    /// <inheritdoc />
    public async Task<ReadModel?> Find(
        string projection, string key, ModelWait? wait = null, CancellationToken cancellationToken = default)
    {
        if (tables.FindLive(projection) is { } live)
        {
            if (wait is not null) await WaitAsync(projection, null, wait, cancellationToken);

            // A fold may take long: other reads have their turns meanwhile.
            return await Task.Run(() => _live.FindAsync(live, key, cancellationToken), cancellationToken);
        }

        var build = await FindAsync(projection, cancellationToken);
        if (wait is not null) await WaitAsync(projection, build.Reader, wait, cancellationToken);
        var rows = await services.Models.ReadAsync(build.Table, [key], cancellationToken);
        return rows.Count == 0 ? null : ReadModelOf(rows[0]);
    }

    /// <inheritdoc />
    public async Task<ReadModelPage> Query(ModelRequest request, CancellationToken cancellationToken = default)
    {
        if (tables.FindLive(request.Projection) is not null) throw new ProjectionIsLiveException(request.Projection);
        var build = await FindAsync(request.Projection, cancellationToken);
        var query = QueryOf(request, build.Table);
        if (request.Wait is { } wait) await WaitAsync(request.Projection, build.Reader, wait, cancellationToken);
        var page = await services.Models.QueryAsync(query, cancellationToken);
        return new ReadModelPage(
            [.. page.Rows.Select(ReadModelOf)], page.Next is { } next ? ModelValues.Write(next) : null);
    }

    /// <inheritdoc />
    public async Task WaitFor(string projection, ModelWait wait, CancellationToken cancellationToken = default)
    {
        var reader = tables.FindLive(projection) is null
            ? (await FindAsync(projection, cancellationToken)).Reader
            : null;
        await WaitAsync(projection, reader, wait, cancellationToken);
    }

    private static ReadModel ReadModelOf(ModelRow row) => new(row.Key, row.Document, row.Position);

    private static ModelQuery QueryOf(ModelRequest request, ModelTable table)
    {
        if (request.Limit is < 1 or > GranaryLimits.PageSizeMax)
            throw new ModelQueryException("limit", $"A page has 1 to {GranaryLimits.PageSizeMax} models.");
        if (request.Conditions.Count > ModelQuery.ConditionsMax)
            throw new ModelQueryException(
                "conditions", $"A query has at most {ModelQuery.ConditionsMax} conditions.");
        var orderBy = request.OrderBy is null or "key" ? null : ColumnOf(table, request.OrderBy);
        return new ModelQuery(table)
        {
            Conditions = [.. request.Conditions.Select(one => ConditionOf(table, one))],
            OrderBy = orderBy,
            Descending = request.Descending,
            After = request.After is { } after ? ModelValues.ParseCursor(after, orderBy) : null,
            Limit = request.Limit,
        };
    }

    private static ModelCondition ConditionOf(ModelTable table, ModelRequestCondition condition)
    {
        if (condition.Column == "key")
            return new ModelCondition(null, condition.Comparison, condition.Value
                ?? throw new ModelQueryException("key", "Every model has a key: compare it with a text."));
        var column = ColumnOf(table, condition.Column);
        return new ModelCondition(column, condition.Comparison, ModelValues.Parse(column, condition.Value));
    }

    private static ModelColumn ColumnOf(ModelTable table, string name) =>
        table.FindColumn(name) ?? throw new ModelQueryException(
            name,
            "There is no such column. There are: "
            + $"{string.Join(", ", table.Columns.Select(static one => one.Name).Prepend("key"))}. A projection "
            + "declares columns with Column in its constructor.");

    private async ValueTask<PublishedBuild> FindAsync(string projection, CancellationToken cancellationToken)
    {
        var build = await tables.FindAsync(projection, cancellationToken)
            ?? throw new ProjectionUnknownException(projection);
        return build;
    }

    // Without a reader the models are as new as the store.
    private async Task WaitAsync(
        string projection, string? reader, ModelWait wait, CancellationToken cancellationToken)
    {
        var timeout = wait.Timeout < WaitMax ? wait.Timeout : WaitMax;
        foreach (var one in wait.Positions.Items)
        {
            if (one.Partition.Value >= services.PartitionCount)
                throw new ModelQueryException(one.ToString(), $"The log has no partition {one.Partition}.");
        }

        var passed = await Task.WhenAll(wait.Positions.Items.Select(one => reader is null
            ? _live.WaitAsync(one, timeout, cancellationToken)
            : WaitAsync(reader, one, timeout, cancellationToken)));
        if (wait.Positions.Items.Zip(passed).Any(static one => one.Second.Position < one.First.Position))
            throw new ModelsBehindException(projection, wait.Positions, new LogPositions(passed));
    }

    private async Task<LogPosition> WaitAsync(
        string reader, LogPosition asked, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var found = await services.Models.ReadCheckpointAsync(reader, asked.Partition, cancellationToken);
        var at = asked with { Position = found?.Position ?? GlobalPosition.Zero };
        if (at.Position >= asked.Position || timeout <= TimeSpan.Zero) return at;
        try
        {
            var grain = GrainFactory.GetGrain<IReaderGrain>(ReaderKeys.Of(reader, asked.Partition));
            return at with { Position = await grain.WaitFor(asked.Position, timeout, cancellationToken) };
        }
        catch (ReaderUnknownException)
        {
            // No silo has the code of the build that serves queries: it does not get further.
            return at;
        }
    }
}
