using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Granary.Runtime;

internal static class RetentionRegistration
{
    public static void AddGranaryRetention(this ISiloBuilder builder)
    {
        var services = builder.Services;
        builder.AddGrainExtension<IRetentionExtension, RetentionExtension>();
        services.AddOptions<RetentionOptions>().ValidateDataAnnotations().ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>());
        services.TryAddSingleton<LogReaders>();
        services.TryAddSingleton<IEventArchive, FileArchive>();
        services.TryAddSingleton<StreamTruncation>();
        services.TryAddSingleton<RetentionPass>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, RetentionRunner>();
    }
}
