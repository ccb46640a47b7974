using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Granary.Runtime;

internal static class FollowingRegistration
{
    public static void AddGranaryReaders(this IServiceCollection services)
    {
        services.TryAddSingleton<WorkerRegistry>();
        services.TryAddSingleton<FollowingServices>();
        services.TryAddSingleton(static provider => ReaderMetrics.Observed(
            provider.GetRequiredService<IMeterFactory>(), new ReaderReports()));
        services.TryAddSingleton<ProjectionWorkers>();
        services.AddSingleton<IWorkerSource>(static provider => provider.GetRequiredService<ProjectionWorkers>());
        services.AddSingleton<IReaderNames>(static provider => provider.GetRequiredService<ProjectionWorkers>());
        services.AddSingleton<IProjectionTables>(static provider => provider.GetRequiredService<ProjectionWorkers>());
        services.TryAddSingleton<SubscriptionWorkers>();
        services.AddSingleton<IWorkerSource>(static provider => provider.GetRequiredService<SubscriptionWorkers>());
        services.AddSingleton<ISupervised, ProjectionBuilds>();
        services.AddSingleton<ISupervised, UnfinishedSubscriptions>();
        services.AddOptions<TruthCheckOptions>().ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(static provider => DriftReports.Observed(
            provider.GetRequiredService<IMeterFactory>()));
        services.TryAddSingleton<TruthCheck>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, TruthCheckRunner>();
        services.TryAddSingleton<SqlProjectionWorkers>();
        services.AddSingleton<IWorkerSource>(static provider => provider.GetRequiredService<SqlProjectionWorkers>());
        services.AddSingleton<IReaderNames>(static provider => provider.GetRequiredService<SqlProjectionWorkers>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(
            static provider => provider.GetRequiredService<SqlProjectionWorkers>());
        services.AddSingleton<ReaderSupervisor>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(
            static provider => provider.GetRequiredService<ReaderSupervisor>());
    }
}
