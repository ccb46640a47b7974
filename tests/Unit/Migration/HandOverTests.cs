using Granary.Runtime;
using Granary.Testing;
using Granary.Tests.Unit.Snapshots;

namespace Granary.Tests.Unit.Migration;

/// <summary>A silo that stops hands the state of its grains over to those that remain.</summary>
public sealed class HandOverTests
{
    private const int Grains = 20;

    [Fact]
    public async Task No_grain_of_a_silo_that_stops_folds_an_event_again()
    {
        await using var cluster = await GranaryTestCluster.StartAsync(new()
        {
            SiloCount = 2,
            Configure = static (_, granary) => granary.ConfigureSnapshots(static options => options.Enabled = false),
        });
        var grains = Enumerable.Range(0, Grains)
            .Select(at => cluster.Grains.GetGrain<ISumGrain>($"{at}")).ToArray();
        foreach (var grain in grains)
        {
            await grain.Add(1);
            await grain.Add(2);
        }

        var stopping = cluster.Cluster.Silos.Last();
        var homes = await Task.WhenAll(grains.Select(static one => one.Get()));
        Assert.Contains(homes, one => one.Home == stopping.SiloAddress.ToString());
        await stopping.StopSiloAsync(stopGracefully: true);

        for (var at = 0; at < Grains; at++)
        {
            var view = await grains[at].Get();
            var moved = homes[at].Home == stopping.SiloAddress.ToString();
            Assert.Equal((3, moved ? 0 : homes[at].Folded), (view.Sum, view.Folded));
            Assert.NotEqual(stopping.SiloAddress.ToString(), view.Home);
        }
    }

    [Fact]
    public async Task The_last_silo_stops_with_its_grains()
    {
        var store = new MemoryEventStore();
        await using (var cluster = await GranaryTestCluster.StartAsync(new() { Store = store }))
            await cluster.Grains.GetGrain<ISumGrain>("one").Add(1);

        await using var next = await GranaryTestCluster.StartAsync(new() { Store = store });
        Assert.Equal(1, (await next.Grains.GetGrain<ISumGrain>("one").Get()).Sum);
    }
}
