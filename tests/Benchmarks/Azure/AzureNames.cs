using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Granary.Tests;

namespace Granary.Benchmarks;

/// <summary>
/// A candidate's own table and container in the account. Disposing drops them with all that is in them.
/// </summary>
/// <param name="way">What the candidate's requests go through; null for the clients' own way.</param>
internal sealed class AzureNames(HttpMessageHandler? way) : IAsyncDisposable
{
    private readonly HttpPipelineTransport? _transport =
        way is null ? null : new HttpClientTransport(new HttpClient(way));

    public string Name { get; } = $"bench{Uuid7.New(TimeProvider.System):n}";

    /// <summary>How requests are sent; null for the client's own way.</summary>
    public HttpPipelineTransport? Transport => _transport;

    public TableServiceClient Tables()
    {
        var options = new TableClientOptions();
        if (_transport is not null) options.Transport = _transport;
        return new TableServiceClient(AzuriteServer.ConnectionString, options);
    }

    public BlobServiceClient Blobs()
    {
        // A version that the emulator knows.
        var options = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05);
        if (_transport is not null) options.Transport = _transport;
        return new BlobServiceClient(AzuriteServer.ConnectionString, options);
    }

    public async ValueTask DisposeAsync()
    {
        await Tables().DeleteTableAsync(Name);
        await Blobs().GetBlobContainerClient(Name).DeleteIfExistsAsync();
    }
}
