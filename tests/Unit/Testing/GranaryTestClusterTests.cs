using Granary.Runtime;
using Granary.Testing;
using Granary.Tests.Unit.Appending;

namespace Granary.Tests.Unit.Testing;

public sealed class GranaryTestClusterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_grain_of_two_silos_keeps_its_events_in_the_store_that_they_share()
    {
        var store = new MemoryEventStore(3);
        await using (var cluster = await GranaryTestCluster.StartAsync(new() { SiloCount = 2, Store = store }))
        {
            Assert.Same(store, cluster.Store);
            Assert.Equal(2, cluster.Cluster.Silos.Count);
            await cluster.Grains.GetGrain<IDoorGrain>("front").Open("Ada");
        }

        await using var later = await GranaryTestCluster.StartAsync(new() { Store = store });
        Assert.True(await later.Grains.GetGrain<IDoorGrain>("front").IsOpen());
        var events = await store.ReadStreamForwardAsync(new("door", "front"), default, 10, Token);
        Assert.Equal("unit.door-opened", Assert.Single(events.Events).Type);
    }

    [Fact]
    public async Task Without_options_it_is_one_silo_on_a_store_in_memory()
    {
        await using var cluster = await GranaryTestCluster.StartAsync();
        await cluster.Grains.GetGrain<IDoorGrain>("front").Open("Ada");

        Assert.Single(cluster.Cluster.Silos);
        Assert.Equal(1, cluster.Store.PartitionCount);
        Assert.Equal(1, (await cluster.Store.ReadHeadAsync(new("door", "front"), Token)).Version.Value);
    }

    [Fact]
    public async Task A_lost_answer_is_found_again_by_the_grain()
    {
        var store = new FaultInjectingEventStore(new MemoryEventStore());
        await using var cluster = await GranaryTestCluster.StartAsync(new() { Store = store });
        store.FailAfterCommit(1);

        await cluster.Grains.GetGrain<IDoorGrain>("front").Open("Ada");

        Assert.Equal(1, (await store.ReadHeadAsync(new("door", "front"), Token)).Version.Value);
    }

    [Fact]
    public async Task What_a_grain_clears_is_hidden_at_once_and_removed_from_the_store_by_the_silo()
    {
        var memory = new MemoryEventStore();
        var store = new FaultInjectingEventStore(memory);
        var (atStart, first, second) = (store.HoldNextScrub(), store.HoldNextScrub(), store.HoldNextScrub());
        await using var cluster = await GranaryTestCluster.StartAsync(new() { Store = store });
        atStart.Open();
        var door = cluster.Grains.GetGrain<IClearableDoorGrain>("front");
        await door.Open("Ada");
        await door.Close();

        await door.Clear();
        var log = await store.ReadLogForwardAsync(LogPosition.StartOf(default), 10, Token);
        Assert.Equal(
            [EventTypes.Tombstone, EventTypes.Tombstone, EventTypes.StreamCleared],
            log.Events.Select(static one => one.Type));
        await first.Reached.WaitAsync(GateStore.Patience, Token);
        first.Open();

        // One step after the other: where the second is reached, the first has removed what there was.
        await door.Open("Ada");
        await door.Clear();
        await second.Reached.WaitAsync(GateStore.Patience, Token);
        Assert.False(await memory.ScrubAsync(1, Token));
        second.Open();
    }

    [Fact]
    public async Task A_refused_event_reaches_the_client_as_what_it_is()
    {
        await using var cluster = await GranaryTestCluster.StartAsync();

        var error = await Assert.ThrowsAsync<EventNotApplicableException>(
            () => cluster.Grains.GetGrain<IDoorGrain>("front").Open(""));

        Assert.Equal(("door/front", "unit.door-opened"), (error.Stream.ToString(), error.EventType));
        Assert.Contains("An opener has a name.", error.Message, StringComparison.Ordinal);
    }
}
