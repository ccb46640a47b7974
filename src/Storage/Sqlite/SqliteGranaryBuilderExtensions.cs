using System.Diagnostics.Metrics;
using Granary;
using Granary.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orleans.Hosting;

/// <summary>Chooses SQLite as the store.</summary>
public static class SqliteGranaryBuilderExtensions
{
    /// <summary>
    /// Keeps events, snapshots and checkpoints in one SQLite file, and models in another one beside it.
    /// </summary>
    public static IGranaryBuilder UseSqlite(this IGranaryBuilder builder, Action<SqliteStoreOptions>? configure = null)
    {
        var options = builder.Services.AddOptions<SqliteStoreOptions>().ValidateDataAnnotations().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        builder.Services.AddSingleton(static provider =>
            new SqliteEventStore(
                provider.GetRequiredService<IOptions<SqliteStoreOptions>>().Value,
                provider.GetService<ILogger<SqliteEventStore>>(),
                provider.GetService<TimeProvider>(),
                provider.GetService<IMeterFactory>()));
        builder.Services.AddSingleton<IEventStore>(static provider => provider.GetRequiredService<SqliteEventStore>());
        builder.Services.AddSingleton<ISnapshotStore>(static provider =>
            new SqliteSnapshotStore(provider.GetRequiredService<SqliteEventStore>()));
        builder.Services.AddSingleton<ICheckpointStore>(static provider =>
            new SqliteCheckpointStore(provider.GetRequiredService<SqliteEventStore>()));
        builder.Services.AddSingleton(static provider =>
            new SqliteModelStore(provider.GetRequiredService<IOptions<SqliteStoreOptions>>().Value));
        builder.Services.AddSingleton<IModelStore>(static provider => provider.GetRequiredService<SqliteModelStore>());
        builder.Services.AddSingleton<ISqlModelStore>(
            static provider => provider.GetRequiredService<SqliteModelStore>());
        builder.Services.AddSingleton<ILogTail>(static provider => provider.GetRequiredService<SqliteEventStore>());
        builder.Services.AddSingleton<IStreamCatalog>(static provider =>
            provider.GetRequiredService<SqliteEventStore>());
        return builder;
    }
}
