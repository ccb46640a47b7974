using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// The SQL projections of a silo, as readers of the log. They are made when the silo starts: what is wrong with one
/// stops the start.
/// </summary>
internal sealed class SqlProjectionWorkers : IWorkerSource, IReaderNames, ILifecycleParticipant<ISiloLifecycle>
{
    private readonly Lazy<IReadOnlyList<RegisteredSqlProjection>> _projections;
    private readonly Lazy<SqlBuilds> _builds;
    private readonly IServiceProvider _services;
    private readonly ILogger _logger;
    private readonly HashSet<string> _old = [];

    public SqlProjectionWorkers(
        IEnumerable<SqlProjectionFactory> factories, IEventStore store, TimeProvider time, IServiceProvider services,
        ILogger<SqlProjectionWorkers> logger)
    {
        (_services, _logger) = (services, logger.Guarded());
        _projections = new(() => Create(factories));
        _builds = new(() => new SqlBuilds(
            ModelStores.GetSql(services, _projections.Value[0].Name), store.PartitionCount, time, _logger));
    }

    /// <summary>The projections of this silo.</summary>
    public IReadOnlyList<RegisteredSqlProjection> Projections => _projections.Value;

    /// <summary>Their builds.</summary>
    public SqlBuilds Builds => _builds.Value;

    /// <summary>A projection of this silo; null where it has none of that name.</summary>
    public RegisteredSqlProjection? Find(string name) => Projections.FirstOrDefault(one => one.Name == name);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<WorkerDefinition>> ReadAsync(CancellationToken cancellationToken)
    {
        var readers = new List<WorkerDefinition>();
        foreach (var projection in Projections)
        {
            if (await FindAsync(projection, cancellationToken) is { } build)
                readers.Add(Builds.Define(projection, build));
        }

        return readers;
    }

    /// <inheritdoc />
    public async ValueTask<string?> ResolveAsync(string name, CancellationToken cancellationToken) =>
        Find(name) is { } projection ? (await FindAsync(projection, cancellationToken))?.NameOf(name) : null;

    /// <inheritdoc />
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(SqlProjectionWorkers), ServiceLifecycleStage.RuntimeInitialize, CheckAsync);

    private Task CheckAsync(CancellationToken cancellationToken)
    {
        if (Projections.Count == 0) return Task.CompletedTask;
        foreach (var one in Projections) ModelStores.GetSql(_services, one.Name);
        var others = _services.GetRequiredService<ProjectionWorkers>();
        var other = others.Projections.Concat(others.Live).Select(static one => one.Name);
        var twice = Projections.Select(static one => one.Name).Concat(other)
            .GroupBy(static name => name).FirstOrDefault(static of => of.Count() > 1);
        return twice is null
            ? Task.CompletedTask
            : throw new InvalidOperationException($"Two projections are named '{twice.Key}'. Rename one of them.");
    }

    private IReadOnlyList<RegisteredSqlProjection> Create(IEnumerable<SqlProjectionFactory> factories)
    {
        var decoder = _services.GetRequiredService<EventDecoder>();
        return [.. factories.Select(one => new RegisteredSqlProjection(one.Create(_services), decoder))];
    }

    private async ValueTask<SqlBuild?> FindAsync(
        RegisteredSqlProjection projection, CancellationToken cancellationToken)
    {
        var build = await Builds.FindAsync(projection, cancellationToken);
        bool isNew;
        lock (_old) isNew = build is null && _old.Add(projection.Name);
        if (isNew) SqlProjectionsLog.IsOld(_logger, projection.Name, projection.Version);
        return build;
    }
}

/// <summary>Makes an SQL projection, from the silo's services.</summary>
internal sealed record SqlProjectionFactory(Func<IServiceProvider, ISqlProjection> Create);
