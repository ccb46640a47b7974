using Granary.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Granary.Benchmarks;

/// <summary>Granary on Azure Storage, as it comes.</summary>
/// <param name="way">What its requests go through; null for the clients' own way.</param>
internal sealed class GranaryOnAzure(HttpMessageHandler? way = null) : OnGranaryCandidate
{
    private readonly AzureNames _names = new(way);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _names.DisposeAsync();
    }

    protected override void Configure(ISiloBuilder silo, string folder) => silo.AddGranary().UseAzureStorage(options =>
    {
        options.ConnectionString = AzuriteServer.ConnectionString;
        options.Name = _names.Name;
        options.Transport = _names.Transport;
    });
}

/// <summary>Orleans' LogStorage over its grain storage on Azure Storage, as they come.</summary>
/// <param name="inBlobs">Whether the storage is that of blobs; else that of tables.</param>
/// <param name="way">What its requests go through; null for the clients' own way.</param>
internal sealed class LogStorageOnAzure(bool inBlobs, HttpMessageHandler? way = null)
    : OrleansCandidate(LogStorageTally.Kind)
{
    private readonly AzureNames _names = new(way);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _names.DisposeAsync();
    }

    protected override void Configure(ISiloBuilder silo, string folder)
    {
        silo.AddLogStorageBasedLogConsistencyProvider(LogStorageTally.Kind);

        // A log that is too large is written again and again, and each time reported.
        silo.Services.AddLogging(static logging => logging.AddFilter("Orleans.Storage", LogLevel.None));
        if (inBlobs)
            silo.AddAzureBlobGrainStorageAsDefault(options =>
                (options.BlobServiceClient, options.ContainerName) = (_names.Blobs(), _names.Name));
        else
            silo.AddAzureTableGrainStorageAsDefault(options =>
                (options.TableServiceClient, options.TableName) = (_names.Tables(), _names.Name));
    }
}
