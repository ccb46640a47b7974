using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Granary.Tests.Conformance.GrainStorage;

/// <summary>
/// The grain storages of Orleans that snapshots are kept in here, in one silo that all tests share. It ends with the
/// process.
/// </summary>
internal static class GrainStorages
{
    public const string Memory = "memory";
    public const string Blob = "blob";
    public const string Table = "table";
    public const string Redis = "redis";

    private static readonly Lazy<Task<InProcessTestCluster>> Silo = new(StartAsync);

    /// <summary>Why a storage is not there; null where it is.</summary>
    public static string? SkipReason(string name) => name switch
    {
        Blob or Table => AzuriteServer.SkipReason,
        Redis => RedisServer.SkipReason,
        _ => null,
    };

    /// <summary>A storage by its name.</summary>
    public static IGrainStorage Find(string name) => new StartedStorage(name);

    private static async Task<InProcessTestCluster> StartAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo(static (_, silo) =>
        {
            silo.AddMemoryGrainStorage(Memory);
            if (AzuriteServer.SkipReason is null)
            {
                var version = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05);
                silo.AddAzureBlobGrainStorage(Blob, azure =>
                    azure.BlobServiceClient = new BlobServiceClient(AzuriteServer.ConnectionString, version));
                silo.AddAzureTableGrainStorage(Table, static azure =>
                    azure.TableServiceClient = new TableServiceClient(AzuriteServer.ConnectionString));
            }

            if (RedisServer.SkipReason is null)
                silo.AddRedisGrainStorage(Redis, static redis => redis.ConfigurationOptions =
                    StackExchange.Redis.ConfigurationOptions.Parse(RedisServer.ConnectionString));
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    // A store is opened without waiting; the silo is started by the first that reads or writes.
    private sealed class StartedStorage(string name) : IGrainStorage
    {
        public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            await (await FindAsync()).ReadStateAsync(stateName, grainId, grainState);

        public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            await (await FindAsync()).WriteStateAsync(stateName, grainId, grainState);

        public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            await (await FindAsync()).ClearStateAsync(stateName, grainId, grainState);

        private async Task<IGrainStorage> FindAsync() =>
            (await Silo.Value).Silos[0].ServiceProvider.GetRequiredKeyedService<IGrainStorage>(name);
    }
}
