using Granary.Testing;
using GranaryApp._1.Accounts;

namespace GranaryApp._1.Tests;

/// <summary>The aggregate in a silo, with the store in memory.</summary>
public sealed class ClusterTests
{
    [Fact]
    public async Task What_was_confirmed_is_read_by_another_cluster_on_the_same_store()
    {
        var store = new Granary.Runtime.MemoryEventStore();
        await using (var first = await GranaryTestCluster.StartAsync(new() { Store = store }))
            await first.Grains.GetGrain<IAccountGrain>("ada").Deposit("d-1", 100);

        await using var second = await GranaryTestCluster.StartAsync(new() { Store = store });
        Assert.Equal(100, (await second.Grains.GetGrain<IAccountGrain>("ada").Get()).Balance);
    }
}
