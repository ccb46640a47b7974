using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance;

public sealed class AzureOnePartition() : AzureTestStore(partitions: 1);

public sealed class AzureThreePartitions() : AzureTestStore(partitions: 3);

public sealed class AzureManyPartitions() : AzureTestStore(partitions: 16);

/// <summary>A table and a container of a test's own in the account of the test run.</summary>
public abstract class AzureTestStore(int partitions) : TestStore(partitions)
{
    private readonly string _name = $"test{Uuid7.New(TimeProvider.System):n}";
    private bool _opened;

    public override string? SkipReason => AzuriteServer.SkipReason;

    public AzureStoreOptions Options => new()
    {
        ConnectionString = AzuriteServer.ConnectionString,
        Name = _name,
        PartitionCount = Partitions,

        // The emulator is one thread, for all tests at once.
        RequestTimeoutMs = 60_000,
        RetryBudgetMs = 60_000,
    };

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_opened) await DropAsync();
        GC.SuppressFinalize(this);
    }

    protected override OpenStore Open()
    {
        _opened = true;
        var store = new AzureEventStore(Options);
        return new(store, new AzureSnapshotStore(store), new AzureCheckpointStore(store), store, store)
        {
            Models = new AzureModelStore(store),
        };
    }

    private async Task DropAsync()
    {
        var token = TestContext.Current.CancellationToken;
        await new TableServiceClient(AzuriteServer.ConnectionString).DeleteTableAsync(_name, token);
        await new BlobContainerClient(AzuriteServer.ConnectionString, _name,
            new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05))
            .DeleteIfExistsAsync(cancellationToken: token);
    }
}
