using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Granary.Runtime;

internal static class SnapshotsRegistration
{
    public static void AddGranarySnapshots(this IServiceCollection services)
    {
        services.AddOptions<SnapshotOptions>().ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<ISnapshotPolicy, SnapshotPolicy>();
        services.TryAddSingleton<SnapshotWriter>();
        services.TryAddSingleton(typeof(IStateCodec<>), typeof(StateCodec<>));
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(
            static provider => provider.GetRequiredService<SnapshotWriter>());
    }
}
