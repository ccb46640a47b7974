using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Granary.Tests.Unit.Appending.Routing;

/// <summary>The silos of a cluster have one store.</summary>
public sealed class StoreAgreementTests
{
    [Fact]
    public async Task A_silo_with_a_store_of_its_own_does_not_start()
    {
        var stores = new List<MemoryEventStore>();
        var builder = new InProcessTestClusterBuilder(initialSilosCount: 1);
        builder.ConfigureSilo((_, silo) =>
        {
            var store = new MemoryEventStore();
            stores.Add(store);
            silo.Services.AddSingleton<IEventStore>(store).AddSingleton<ISnapshotStore>(new MemorySnapshotStore());
            silo.AddGranary();
        });
        await using var cluster = builder.Build();
        await cluster.DeployAsync(TestContext.Current.CancellationToken);

        var fault = await Assert.ThrowsAnyAsync<Exception>(() => cluster.StartAdditionalSiloAsync());

        var schema = Assert.IsType<StoreSchemaException>(fault.GetBaseException());
        Assert.Equal(2, stores.Count);
        foreach (var store in stores)
        {
            var description = await store.InitializeAsync(TestContext.Current.CancellationToken);
            Assert.Contains($"{description.StoreId}", schema.Message, StringComparison.Ordinal);
        }
    }
}
