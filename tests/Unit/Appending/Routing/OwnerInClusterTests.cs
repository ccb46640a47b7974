using Granary.Runtime;
using Granary.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Granary.Tests.Unit.Appending.Routing;

/// <summary>In a cluster the silos agree on the owner of each partition, and reach it.</summary>
public sealed class OwnerInClusterTests
{
    private const int Partitions = 4;

    [Fact]
    public async Task Every_partition_has_one_owner_that_commits_for_all_and_another_when_it_stops()
    {
        var store = new EpochStore(partitions: Partitions);
        await using var cluster = await GranaryTestCluster.StartAsync(new() { SiloCount = 2, Store = store });
        await cluster.Cluster.WaitForLivenessToStabilizeAsync();
        var silos = cluster.Cluster.Silos.ToArray();

        foreach (var partition in Enumerable.Range(0, Partitions).Select(static at => new LogPartition(at)))
        {
            var others = silos.Select(silo => OwnersOf(silo).FindOther(partition)).ToArray();
            var owner = Assert.Single(others, static one => one is not null);
            Assert.NotEqual(silos[Array.IndexOf(others, owner)].SiloAddress, owner);
        }

        foreach (var silo in silos) await AppendToAllAsync(silo);
        Assert.Equal(Partitions, store.Commits.Count(static one => one.Epoch == 0));
        Assert.Equal(Partitions, store.Commits.Count(static one => one.Epoch == 1));

        await silos[1].StopSiloAsync(stopGracefully: true);
        await cluster.Cluster.WaitForLivenessToStabilizeAsync();
        store.Commits.Clear();
        await AppendToAllAsync(silos[0]);
        Assert.All(store.Commits, static one => Assert.Equal(0, one.Epoch));
    }

    private static IPartitionOwners OwnersOf(InProcessSiloHandle silo) =>
        silo.ServiceProvider.GetRequiredService<IPartitionOwners>();

    // A stream of each partition.
    private static async Task AppendToAllAsync(InProcessSiloHandle silo)
    {
        var appender = silo.ServiceProvider.GetRequiredService<IAppender>();
        foreach (var key in Enumerable.Range(0, 100).Select(static at => $"{at}")
            .DistinctBy(static key => LogPartition.Of(new StreamName("test", key), Partitions)))
            Assert.Equal(AppendOutcome.Appended, (await appender.AppendAsync(
                AppenderHarness.Of(key), TestContext.Current.CancellationToken)).Outcome);
    }
}
