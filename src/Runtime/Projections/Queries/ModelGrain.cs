using Orleans.Concurrency;

namespace Granary.Runtime;

/// <summary>Reads models in a silo, from the build that serves queries.</summary>
[StatelessWorker, Reentrant]
internal sealed class ModelGrain(IProjectionTables tables, FollowingServices services) : Grain, IModelGrain
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    public async Task<ReadModel?> Find(
        string projection, string key, ModelWait? wait = null, CancellationToken cancellationToken = default)
    {
        var build = await FindAsync(projection, cancellationToken);
        if (wait is not null) await WaitAsync(projection, build, wait, cancellationToken);
        var rows = await services.Models.ReadAsync(build.Table, [key], cancellationToken);
        return rows.Count == 0 ? null : ReadModelOf(rows[0]);
    }

    /// <inheritdoc />
    public async Task<ReadModelPage> Query(ModelRequest request, CancellationToken cancellationToken = default)
    {
        var build = await FindAsync(request.Projection, cancellationToken);
        var query = QueryOf(request, build.Table);
        if (request.Wait is { } wait) await WaitAsync(request.Projection, build, wait, cancellationToken);
        var page = await services.Models.QueryAsync(query, cancellationToken);
        return new ReadModelPage(
            [.. page.Rows.Select(ReadModelOf)], page.Next is { } next ? ModelValues.Write(next) : null);
    }

    /// <inheritdoc />
    public async Task WaitFor(string projection, ModelWait wait, CancellationToken cancellationToken = default) =>
        await WaitAsync(projection, await FindAsync(projection, cancellationToken), wait, cancellationToken);

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

    private async Task WaitAsync(
        string projection, PublishedBuild build, ModelWait wait, CancellationToken cancellationToken)
    {
        var timeout = wait.Timeout < WaitMax ? wait.Timeout : WaitMax;
        var passed = await Task.WhenAll(wait.Positions.Items.Select(
            one => WaitAsync(build.Reader, one, timeout, cancellationToken)));
        if (wait.Positions.Items.Zip(passed).Any(static one => one.Second.Position < one.First.Position))
            throw new ModelsBehindException(projection, wait.Positions, new LogPositions(passed));
    }

    private async Task<LogPosition> WaitAsync(
        string reader, LogPosition asked, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (asked.Partition.Value >= services.PartitionCount)
            throw new ModelQueryException(
                asked.ToString(), $"The log has no partition {asked.Partition}.");
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
