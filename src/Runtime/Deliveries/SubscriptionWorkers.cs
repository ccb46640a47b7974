using Microsoft.Extensions.DependencyInjection;

namespace Granary.Runtime;

/// <summary>The durable subscriptions, as readers of the log: every silo can run each.</summary>
internal sealed class SubscriptionWorkers(IServiceProvider services) : IWorkerSource
{
    private volatile bool _hasTables;
    private volatile IReadOnlyList<string> _unfinished = [];

    /// <summary>Those that were being created or deleted when they were read last.</summary>
    public IReadOnlyList<string> Unfinished => _unfinished;

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<WorkerDefinition>> ReadAsync(CancellationToken cancellationToken)
    {
        if (services.GetService<IModelStore>() is not { } models) return [];
        await EnsureTablesAsync(models, cancellationToken);
        var all = await new SubscriptionTable(models).ReadAsync(cancellationToken);
        _unfinished = [.. all.Where(static one => one.Value.State != SubscriptionState.Active)
            .Select(static one => one.Key)];
        return
        [
            .. all.Where(static one => one.Value.State == SubscriptionState.Active)
                .Select(static one => Define(one.Key, one.Value)),
        ];
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<WorkerDefinition>> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (!ReactorNames.IsName(name) || services.GetService<IModelStore>() is not { } models) return [];
        await EnsureTablesAsync(models, cancellationToken);
        return await new SubscriptionTable(models).FindAsync(name, cancellationToken)
            is { State: SubscriptionState.Active } found ? [Define(name, found)] : [];
    }

    /// <summary>Creates the tables where they are not there.</summary>
    public async ValueTask EnsureTablesAsync(IModelStore models, CancellationToken cancellationToken)
    {
        if (_hasTables) return;
        await models.CreateTableAsync(DeliveryTables.Subscriptions, cancellationToken);
        await models.CreateTableAsync(DeliveryTables.Deliveries, cancellationToken);
        await models.CreateTableAsync(DeliveryTables.Owners, cancellationToken);
        _hasTables = true;
    }

    /// <summary>A subscription as a reader of the log.</summary>
    public static WorkerDefinition Define(string name, SubscriptionDocument document) =>
        Define(name, document.ToSettings()) with { Id = document.Id };

    private static WorkerDefinition Define(string name, SubscriptionSettings settings) => new()
    {
        Name = name,
        Kind = ReaderKind.Subscription,
        Deliveries = settings,
        StartsAtEnd = settings.StartsAtEnd,

        // What was acknowledged, and who has what, is not in the log.
        Durable = true,
        Filter = new LogFilter
        {
            Categories = SetOf(settings.Categories),
            Streams = settings.Streams.Count == 0 ? null : settings.Streams.ToHashSet(),
            EventTypes = SetOf(settings.Types),
        },
    };

    private static HashSet<string>? SetOf(IReadOnlyList<string> names) =>
        names.Count == 0 ? null : names.ToHashSet(StringComparer.Ordinal);
}
