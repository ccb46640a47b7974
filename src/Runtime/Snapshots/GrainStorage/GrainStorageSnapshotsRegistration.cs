using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Granary.Runtime;

/// <summary>Wraps the chosen store in one that keeps snapshots in a grain storage.</summary>
internal static class GrainStorageSnapshotsRegistration
{
    // The store that was chosen, as a keyed service. The container disposes what it creates, as before.
    private const string Chosen = "granary.chosen-store";

    public static void AddGrainStorageSnapshots(this IServiceCollection services, string name)
    {
        if (services.Any(static one => one.ServiceType == typeof(GrainStorageSnapshotsValidator)))
            throw new OrleansConfigurationException(
                "UseGrainStorageSnapshots was called twice. One grain storage keeps all snapshots. Call it once.");
        Move<IEventStore>(services);
        Move<ISnapshotStore>(services);
        services.AddSingleton(new GrainStorageSnapshotsValidator(services, name));
        services.AddSingleton<IConfigurationValidator>(
            static provider => provider.GetRequiredService<GrainStorageSnapshotsValidator>());
        services.AddSingleton(provider => new SnapshotRecords(
            () => provider.GetRequiredKeyedService<IGrainStorage>(name), name,
            provider.GetRequiredKeyedService<IEventStore>(Chosen), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static provider => new SnapshotRemovals(
            provider.GetRequiredKeyedService<IEventStore>(Chosen), provider.GetRequiredService<SnapshotRecords>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SnapshotRemovals>>().Guarded()));
        services.AddSingleton(static provider => Wrap(
            provider.GetRequiredKeyedService<IEventStore>(Chosen), provider.GetRequiredService<SnapshotRemovals>()));
        services.AddSingleton<ISnapshotStore>(static provider => new GrainStorageSnapshotStore(
            provider.GetRequiredKeyedService<IEventStore>(Chosen),
            provider.GetRequiredKeyedService<ISnapshotStore>(Chosen), provider.GetRequiredService<SnapshotRecords>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<GrainStorageSnapshotStore>>().Guarded()));
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, GrainStorageSnapshotsDrain>();
    }

    /// <summary>A store that removes snapshots before it removes their events.</summary>
    public static IEventStore Wrap(IEventStore chosen, SnapshotRemovals removals) => chosen is IPartitionEpochs epochs
        ? new SnapshotRemovingEpochStore(chosen, epochs, removals)
        : new SnapshotRemovingEventStore(chosen, removals);

    // Where there are several the last one is taken, and the check of the silo's start finds the others.
    private static void Move<TStore>(IServiceCollection services)
        where TStore : class
    {
        var chosen = services.LastOrDefault(static one => one.ServiceType == typeof(TStore) && !one.IsKeyedService
            && one.ImplementationFactory != GranaryConfigurationValidator.NoEventStore
            && one.ImplementationFactory != GranaryConfigurationValidator.NoSnapshotStore);
        if (chosen is null)
            throw new OrleansConfigurationException(
                "UseGrainStorageSnapshots was called before a store was chosen. Call it after that, as in "
                + "AddGranary().UseSqlite().UseGrainStorageSnapshots(\"snapshots\").");
        services.Remove(chosen);
        if (chosen.ImplementationInstance is TStore instance) services.AddKeyedSingleton(Chosen, instance);
        else if (chosen.ImplementationFactory is { } factory)
            services.AddKeyedSingleton(Chosen, (provider, _) => (TStore)factory(provider));
        else services.AddKeyedSingleton(typeof(TStore), Chosen, chosen.ImplementationType!);
    }
}
