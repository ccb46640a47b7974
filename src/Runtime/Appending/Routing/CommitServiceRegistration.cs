using Microsoft.Extensions.DependencyInjection;

namespace Granary.Runtime;

internal static class CommitServiceRegistration
{
    /// <summary>Lets the silos of a cluster commit for each other.</summary>
    public static void AddGranaryCommitService(this IServiceCollection services)
    {
        services.AddSingleton<RoutedCommits>();
        services.AddSingleton<CommitServiceClient>();
        services.AddSingleton<IPartitionOwners, PartitionOwners>();
        services.AddGrainService<CommitService>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, StoreAgreement>();
    }
}
