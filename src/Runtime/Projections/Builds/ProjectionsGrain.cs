using Orleans.Concurrency;

namespace Granary.Runtime;

/// <summary>Shows and steers the builds of projections, in the model store.</summary>
[StatelessWorker, Reentrant]
internal sealed class ProjectionsGrain(
    ProjectionWorkers workers, SqlProjectionWorkers sqlWorkers, FollowingServices services, TruthCheck check)
    : Grain, IProjectionsGrain
{
    private static readonly Dictionary<string, ModelColumnKind> NoColumns = [];

    private BuildsTable Table => new(services.Models);

    private BuildReaders Readers => new(services, GrainFactory);

    /// <inheritdoc />
    public async Task<IReadOnlyList<ProjectionView>> ReadAll(CancellationToken cancellationToken = default)
    {
        var views = workers.Live.Select(ViewOfLive).ToList();
        foreach (var one in workers.Projections) views.Add(await ReadAsync(one, cancellationToken));
        foreach (var one in sqlWorkers.Projections) views.Add(await ReadAsync(one, cancellationToken));
        return [.. views.OrderBy(static one => one.Name, StringComparer.Ordinal)];
    }

    /// <inheritdoc />
    public async Task<ProjectionView> Read(string projection, CancellationToken cancellationToken = default)
    {
        if (workers.FindLive(projection) is { } live) return ViewOfLive(live);
        return sqlWorkers.Find(projection) is { } sql
            ? await ReadAsync(sql, cancellationToken)
            : await ReadAsync(Find(projection), cancellationToken);
    }

    /// <inheritdoc />
    public async Task<BuildView> Rebuild(
        string projection, bool publish = false, CancellationToken cancellationToken = default)
    {
        if (sqlWorkers.Find(projection) is { } sql) return await RebuildAsync(sql, publish, cancellationToken);
        var found = Find(projection);
        var build = await new BuildSteps(services, Readers).RebuildAsync(found, publish, cancellationToken);
        await WakeAsync(build.Table);
        await GrainFactory.GetGrain<IProjectionBuildGrain>(projection).Advance();
        return await ViewAsync(build, await Readers.ReadEndsAsync(cancellationToken), cancellationToken);
    }

    /// <inheritdoc />
    public async Task<bool> Switch(string projection, string build, CancellationToken cancellationToken = default)
    {
        if (sqlWorkers.Find(projection) is not null) return false;
        _ = Find(projection);
        var (done, published) = (false, false);
        await Table.ChangeAsync(projection, now =>
        {
            var found = now?.Find(build);
            published = found?.State == BuildState.Published;
            done = published || found?.State is BuildState.Ready or BuildState.Old;
            return done && !published ? now!.Publish(build) : now;
        }, cancellationToken);
        if (done && !published) BuildsLog.Switched(services.Logger, build, projection);
        return done;
    }

    /// <inheritdoc />
    public async Task<bool> Drop(string projection, string build, CancellationToken cancellationToken = default)
    {
        if (sqlWorkers.Find(projection) is not null) return false;
        _ = Find(projection);
        var dropped = false;
        await Table.ChangeAsync(projection, now =>
        {
            dropped = now?.Find(build) is { State: not BuildState.Published };
            return dropped ? now!.Without(build) : now;
        }, cancellationToken);
        if (!dropped) return false;

        // Its workers end when they find that it is no more; one that commits in between is refused, as its checkpoint
        // is gone.
        await services.Models.DeleteCheckpointsAsync(build, cancellationToken);
        await Readers.SteerAsync(build);
        await new ReaderRows(services.Models).DeleteAsync(build, cancellationToken);
        await services.Models.DropTableAsync(build, cancellationToken);
        await check.ForgetAsync(build, cancellationToken);
        BuildsLog.Dropped(services.Logger, build);
        return true;
    }

    private async Task<BuildView> RebuildAsync(
        RegisteredSqlProjection projection, bool publish, CancellationToken cancellationToken)
    {
        if (!publish)
            throw new ModelQueryException(
                nameof(publish),
                $"The SQL projection '{projection.Name}' has one set of tables, which are emptied and filled anew. Ask "
                + "for it with publish.");
        var build = await sqlWorkers.Builds.RebuildAsync(projection, cancellationToken)
            ?? throw new ReaderUnknownException(projection.Name);
        await WakeAsync(build.NameOf(projection.Name));
        return (await ReadAsync(projection, cancellationToken)).Builds[0];
    }

    private async Task<ProjectionView> ReadAsync(
        RegisteredSqlProjection projection, CancellationToken cancellationToken)
    {
        var build = await sqlWorkers.Builds.FindAsync(projection, cancellationToken);
        if (build is null) return new ProjectionView(projection.Name, projection.Version, NoColumns, []);
        var reader = build.NameOf(projection.Name);
        var view = new BuildView
        {
            Name = reader,
            Version = build.Version,
            State = build.IsReady ? BuildState.Published : BuildState.Building,
            PublishesItself = true,
            StartedAt = build.StartedAt,
            EventsPassed = (await Readers.ReadPositionsAsync(reader, cancellationToken)).Values.Sum(),
            EventsTotal = (await Readers.ReadEndsAsync(cancellationToken)).Values.Sum(),
        };
        return new ProjectionView(projection.Name, projection.Version, NoColumns, [view]);
    }

    private async Task WakeAsync(string reader)
    {
        for (var at = 0; at < services.PartitionCount; at++)
            await GrainFactory.GetGrain<IReaderGrain>(ReaderKeys.Of(reader, new LogPartition(at))).Wake();
    }

    private static ProjectionView ViewOfLive(IProjection live) =>
        new(live.Name, live.Version, new Dictionary<string, ModelColumnKind>(), []) { IsLive = true };

    private IProjection Find(string projection) => workers.FindLive(projection) is not null
        ? throw new ProjectionIsLiveException(projection)
        : workers.Projections.FirstOrDefault(one => one.Name == projection)
        ?? throw new ReaderUnknownException(projection);

    private async Task<ProjectionView> ReadAsync(IProjection projection, CancellationToken cancellationToken)
    {
        var builds = await Table.ReadAsync(projection.Name, cancellationToken);
        var ends = await Readers.ReadEndsAsync(cancellationToken);
        var views = new List<BuildView>();
        foreach (var one in builds?.Builds ?? []) views.Add(await ViewAsync(one, ends, cancellationToken));
        var columns = builds?.Published.Columns.ToDictionary(static one => one.Name, static one => one.Kind) ?? [];
        return new ProjectionView(projection.Name, projection.Version, columns, views)
        {
            TruthCheck = await check.ReadAsync(projection, builds, cancellationToken),
        };
    }

    private async Task<BuildView> ViewAsync(
        BuildDocument build, Dictionary<int, long> ends, CancellationToken cancellationToken)
    {
        var at = await Readers.ReadPositionsAsync(build.Table, cancellationToken);
        var comparison = build.Comparison;
        return new BuildView
        {
            Name = build.Table,
            Version = build.Version,
            State = build.State,
            PublishesItself = build.PublishesItself,
            StartedAt = build.StartedAt,
            EventsPassed = at.Values.Sum(),
            EventsTotal = ends.Values.Sum(),
            Differences = comparison is { NotCompared: null } ? comparison.Differences : null,
            FirstDifferences = comparison?.First ?? [],
            NotCompared = comparison?.NotCompared,
        };
    }
}
