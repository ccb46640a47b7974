using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Granary.Runtime;

internal static class AppenderRegistration
{
    public static void AddGranaryAppender(this IServiceCollection services)
    {
        services.AddMetrics();
        services.AddOptions<AppenderOptions>().ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GranaryMetrics>();
        services.TryAddSingleton<SiloStore>();
        services.TryAddSingleton<CommitRoutes>();
        services.TryAddSingleton<Appender>();
        services.TryAddSingleton<Scrubber>();
        services.TryAddSingleton<IAppendSender>(static provider => provider.GetRequiredService<Appender>());
        services.TryAddSingleton<IAppender>(static provider => provider.GetRequiredService<Appender>());
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, AppenderLifecycle>());
    }
}
