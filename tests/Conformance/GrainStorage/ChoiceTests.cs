using System.Text;
using Granary.Runtime;
using Granary.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Granary.Tests.Conformance.GrainStorage;

/// <summary>How a silo is configured to keep snapshots in a grain storage.</summary>
public sealed class ChoiceTests
{
    private static readonly StreamName Order = new("order", "a/b\\c#d?e\u0001 🚀");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_keeps_snapshots_in_the_storage_of_that_name_and_removes_them_with_their_stream()
    {
        var own = new MemorySnapshotStore();
        await using var cluster = await StartAsync(silo =>
        {
            silo.AddMemoryGrainStorage("snapshots");
            silo.Services.AddSingleton<IEventStore>(new MemoryEventStore(1, own));
            silo.Services.AddSingleton<ISnapshotStore>(own);
            silo.AddGranary().UseGrainStorageSnapshots("snapshots");
        });
        var services = cluster.Silos[0].ServiceProvider;
        var (events, snapshots) =
            (services.GetRequiredService<IEventStore>(), services.GetRequiredService<ISnapshotStore>());
        await events.CommitAsync(
            new Append(Order, ExpectedVersion.Any, AppendId.New(TimeProvider.System),
                [new NewEvent(Uuid7.New(TimeProvider.System), "order.changed", "{}"u8.ToArray())]),
            TimeProvider.System.GetUtcNow(), Token);
        await snapshots.WriteSnapshotAsync(SnapshotOfFirst(), Token);

        Assert.Null(await own.ReadSnapshotAsync(Order, new(1), null, Token));
        Assert.Equal("state", await ReadAsync(snapshots));
        await events.CommitAsync(
            Append.Clear(Order, ExpectedVersion.Any, AppendId.New(TimeProvider.System)),
            TimeProvider.System.GetUtcNow(), Token);
        Assert.Null(await ReadAsync(snapshots));
    }

    [Fact]
    public async Task Any_name_of_a_stream_and_a_large_state_fit_into_tables_of_Azure()
    {
        var reason = GrainStorages.SkipReason(GrainStorages.Table);
        Assert.SkipWhen(reason is not null, reason ?? "");
        await using var data = new MemoryOnePartition();
        var store = SnapshotsApart.Of(await data.OpenAsync(), GrainStorages.Table);
        foreach (var key in new[] { Order.Key, new string('\u20ac', StreamName.PartLengthMax), "a", "A", " ", "a " })
        {
            var stream = new StreamName(new string('c', StreamName.PartLengthMax), key);
            var payload = Encoding.UTF8.GetBytes(key + new string('s', 300_000));
            await store.Snapshots.WriteSnapshotAsync(SnapshotOfFirst(stream, payload), Token);
            var read = await store.Snapshots.ReadSnapshotAsync(stream, new(1), null, Token);
            Assert.Equal(payload, read!.Payload.ToArray());
        }
    }

    [Fact]
    public void A_storage_that_is_not_there_stops_the_start_and_is_named()
    {
        var services = new ServiceCollection();
        Register(services, 1);
        var validator = services.Select(static one => one.ImplementationInstance)
            .OfType<GrainStorageSnapshotsValidator>().Single();
        var error = Assert.Throws<OrleansConfigurationException>(validator.ValidateConfiguration);
        Assert.Contains("AddAzureBlobGrainStorage(\"snapshots\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_called_once_and_after_the_store_is_chosen()
    {
        Assert.Contains(
            "before a store was chosen",
            Assert.Throws<OrleansConfigurationException>(
                static () => new ServiceCollection().AddGrainStorageSnapshots("snapshots")).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "twice",
            Assert.Throws<OrleansConfigurationException>(static () => Register(new ServiceCollection(), 2)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_whose_partitions_have_epochs_has_them_still()
    {
        await using var postgres = new PostgresEventStore(new PostgresStoreOptions { ConnectionString = "Host=none" });
        Assert.IsAssignableFrom<IPartitionEpochs>(GrainStorageSnapshotsRegistration.Wrap(postgres, null!));
        Assert.False(GrainStorageSnapshotsRegistration.Wrap(new MemoryEventStore(), null!) is IPartitionEpochs);
    }

    private static void Register(IServiceCollection services, int times)
    {
        services.AddSingleton<IEventStore>(new MemoryEventStore());
        services.AddSingleton<ISnapshotStore>(new MemorySnapshotStore());
        for (var time = 0; time < times; time++) services.AddGrainStorageSnapshots("snapshots");
    }

    private static Snapshot SnapshotOfFirst(StreamName? stream = null, byte[]? payload = null) => new()
    {
        Stream = stream ?? Order,
        Version = new(1),
        Position = new(new(0), new(1)),
        Timestamp = TimeProvider.System.GetUtcNow(),
        Fingerprint = "f",
        Checksum = 1,
        Payload = payload ?? "state"u8.ToArray(),
    };

    private static async Task<string?> ReadAsync(ISnapshotStore snapshots) =>
        await snapshots.ReadSnapshotAsync(Order, new(9), null, Token) is { } found
            ? Encoding.UTF8.GetString(found.Payload.Span)
            : null;

    private static async Task<InProcessTestCluster> StartAsync(Action<ISiloBuilder> configure)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => configure(silo));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }
}
