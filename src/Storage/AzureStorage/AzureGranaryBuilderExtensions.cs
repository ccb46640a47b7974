using Granary;
using Granary.Storage.AzureStorage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orleans.Hosting;

/// <summary>Chooses Azure Storage as the store.</summary>
public static class AzureGranaryBuilderExtensions
{
    /// <summary>Keeps events, snapshots and checkpoints in an Azure Storage account.</summary>
    public static IGranaryBuilder UseAzureStorage(
        this IGranaryBuilder builder, Action<AzureStoreOptions>? configure = null)
    {
        var options = builder.Services.AddOptions<AzureStoreOptions>().ValidateDataAnnotations().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        builder.Services.AddSingleton(static provider =>
            new AzureEventStore(
                provider.GetRequiredService<IOptions<AzureStoreOptions>>().Value,
                provider.GetService<ILogger<AzureEventStore>>(),
                provider.GetService<TimeProvider>()));
        builder.Services.AddSingleton<IEventStore>(static provider =>
            provider.GetRequiredService<AzureEventStore>());
        builder.Services.AddSingleton<ISnapshotStore>(static provider =>
            new AzureSnapshotStore(provider.GetRequiredService<AzureEventStore>()));
        builder.Services.AddSingleton<ICheckpointStore>(static provider =>
            new AzureCheckpointStore(provider.GetRequiredService<AzureEventStore>()));
        builder.Services.AddSingleton<IModelStore>(static provider =>
            new AzureModelStore(provider.GetRequiredService<AzureEventStore>()));
        builder.Services.AddSingleton<ILogTail>(static provider => provider.GetRequiredService<AzureEventStore>());
        builder.Services.AddSingleton<IStreamCatalog>(static provider =>
            provider.GetRequiredService<AzureEventStore>());
        return builder;
    }
}
