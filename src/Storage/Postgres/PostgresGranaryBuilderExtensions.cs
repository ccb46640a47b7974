using Granary;
using Granary.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orleans.Hosting;

/// <summary>Chooses PostgreSQL as the store.</summary>
public static class PostgresGranaryBuilderExtensions
{
    /// <summary>Keeps events, snapshots, checkpoints and models in a schema of a PostgreSQL database.</summary>
    public static IGranaryBuilder UsePostgres(
        this IGranaryBuilder builder, Action<PostgresStoreOptions>? configure = null)
    {
        var options = builder.Services.AddOptions<PostgresStoreOptions>().ValidateDataAnnotations().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        builder.Services.AddSingleton(static provider =>
            new PostgresEventStore(
                provider.GetRequiredService<IOptions<PostgresStoreOptions>>().Value,
                provider.GetService<ILogger<PostgresEventStore>>(),
                provider.GetService<TimeProvider>()));
        builder.Services.AddSingleton<IEventStore>(static provider =>
            provider.GetRequiredService<PostgresEventStore>());
        builder.Services.AddSingleton<ISnapshotStore>(static provider =>
            new PostgresSnapshotStore(provider.GetRequiredService<PostgresEventStore>()));
        builder.Services.AddSingleton<ICheckpointStore>(static provider =>
            new PostgresCheckpointStore(provider.GetRequiredService<PostgresEventStore>()));
        builder.Services.AddSingleton<ILogTail>(static provider => provider.GetRequiredService<PostgresEventStore>());
        builder.Services.AddSingleton<IStreamCatalog>(static provider =>
            provider.GetRequiredService<PostgresEventStore>());
        builder.Services.AddSingleton<ISqlModelStore>(static provider =>
            new PostgresModelStore(provider.GetRequiredService<PostgresEventStore>()));
        builder.Services.AddSingleton<IModelStore>(static provider => provider.GetRequiredService<ISqlModelStore>());
        return builder;
    }
}
