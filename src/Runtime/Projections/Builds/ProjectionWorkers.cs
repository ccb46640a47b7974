using Microsoft.Extensions.DependencyInjection;

namespace Granary.Runtime;

/// <summary>
/// The readers of the projections that this silo has the code of: one for each build of their version. They are called
/// as the builds' tables, and their tables' names stand for them.
/// </summary>
internal sealed class ProjectionWorkers : IWorkerSource, IReaderNames, IProjectionTables
{
    // As many as the models that a batch may change: an event mostly changes one.
    private const int BatchEventsMax = ModelCommit.WritesMax / 2;

    private readonly Dictionary<string, IProjection> _projections;
    private readonly Dictionary<string, IProjection> _live;
    private readonly IServiceProvider _services;

    private volatile bool _hasTable;

    /// <summary>Checks that no two projections have one name.</summary>
    /// <exception cref="InvalidOperationException">Two have.</exception>
    public ProjectionWorkers(
        IEnumerable<IProjection> projections, IEnumerable<LiveProjection> live, IServiceProvider services)
    {
        (_projections, _live) = (ByName(projections), ByName(live.Select(static one => one.Projection)));
        ByName(_projections.Values.Concat(_live.Values));
        _services = services;
    }

    /// <summary>The stored projections of this silo.</summary>
    public IReadOnlyCollection<IProjection> Projections => _projections.Values;

    /// <summary>The live projections of this silo.</summary>
    public IReadOnlyCollection<IProjection> Live => _live.Values;

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<WorkerDefinition>> ReadAsync(CancellationToken cancellationToken)
    {
        var readers = new List<WorkerDefinition>();
        if (_projections.Count == 0) return readers;
        var models = ModelStores.Get(_services);
        var all = await ReadBuildsAsync(cancellationToken);
        foreach (var projection in _projections.Values)
        {
            if (!all.TryGetValue(projection.Name, out var builds)) continue;
            readers.AddRange(builds.Builds.Where(one => one.IsOf(projection))
                .Select(one => Define(projection, one, models)));
        }

        return readers;
    }

    /// <summary>The builds of this silo's projections, by their names; of those that have any.</summary>
    public async ValueTask<IReadOnlyDictionary<string, BuildsDocument>> ReadBuildsAsync(
        CancellationToken cancellationToken) =>
        await (await FindTableAsync(cancellationToken)).ReadAsync(_projections.Keys, cancellationToken);

    /// <inheritdoc />
    public IProjection? FindLive(string projection) => _live.GetValueOrDefault(projection);

    /// <inheritdoc />
    /// <exception cref="ProjectionIsLiveException">It has no reader.</exception>
    public async ValueTask<string?> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        if (_live.ContainsKey(name)) throw new ProjectionIsLiveException(name);
        return _projections.ContainsKey(name)
            ? (await ReadBuildsAsync(name, cancellationToken))?.Published.Table
            : null;
    }

    /// <inheritdoc />
    public async ValueTask<PublishedBuild?> FindAsync(string projection, CancellationToken cancellationToken)
    {
        if (!_projections.TryGetValue(projection, out var found)) return null;
        var builds = await ReadBuildsAsync(projection, cancellationToken)
            ?? await BeginAsync(found, cancellationToken);
        return new PublishedBuild(found, builds.Published.ToTable(), builds.Published.Table);
    }

    private static Dictionary<string, IProjection> ByName(IEnumerable<IProjection> projections)
    {
        var found = new Dictionary<string, IProjection>(StringComparer.Ordinal);
        foreach (var one in projections)
        {
            if (!found.TryAdd(one.Name, one))
                throw new InvalidOperationException($"Two projections are named '{one.Name}'. Rename one of them.");
        }

        return found;
    }

    // A supervisor begins the first build too; who asks before that is not told that there is no such projection.
    private async ValueTask<BuildsDocument> BeginAsync(IProjection projection, CancellationToken cancellationToken)
    {
        var time = _services.GetRequiredService<TimeProvider>();
        var builds = await new BuildsTable(ModelStores.Get(_services)).ChangeAsync(
            projection.Name, now => now ?? BuildsDocument.First(projection, time.GetUtcNow()), cancellationToken);
        return builds!;
    }

    private async ValueTask<BuildsDocument?> ReadBuildsAsync(string projection, CancellationToken cancellationToken) =>
        await (await FindTableAsync(cancellationToken)).ReadAsync(projection, cancellationToken);

    private async ValueTask<BuildsTable> FindTableAsync(CancellationToken cancellationToken)
    {
        var models = ModelStores.Get(_services);
        if (!_hasTable) await models.CreateTableAsync(BuildsTable.Table, cancellationToken);
        _hasTable = true;
        return new BuildsTable(models);
    }

    private static WorkerDefinition Define(IProjection projection, BuildDocument build, IModelStore models)
    {
        var table = build.ToTable();
        return new WorkerDefinition
        {
            Name = build.Table,
            Kind = ReaderKind.Projection,
            Filter = projection.Filter,
            Tables = [table],
            BatchEventsMax = BatchEventsMax,
            Gathers = true,
            CreateHandler = partition => projection.CreateHandler(table, partition, models),
        };
    }
}
