// Three ways to test a grain: a scenario without a cluster, a cluster in the process, a store that fails on request.
using Granary.Runtime;
using Granary.Samples;
using Granary.Samples.Testing;
using Granary.Testing;

Sample.Step("Given, when, then: the grain alone, in microseconds.");
var call = await new AggregateScenario<CartGrain>("c-1")
    .Given(new ItemAdded("apple"), new ItemAdded("pear"))
    .WhenAsync(cart => cart.Remove("apple"));
call.Then(new ItemRemoved("apple"));
Sample.Show(call.Events.Count, 1);

var refused = await new AggregateScenario<CartGrain>("c-2").WhenAsync(cart => cart.Remove("apple"));
Sample.Show(refused.ThenThrows<InvalidOperationException>().Message, "apple is not in the cart.");

Sample.Step("A cluster in this process, with the store in memory.");
await using (var cluster = await GranaryTestCluster.StartAsync())
    Sample.Show(await cluster.Grains.GetGrain<ICartGrain>("c-3").Add("apple"), 1);

Sample.Step("A store that commits and loses the answer: the event is stored once all the same.");
var store = new FaultInjectingEventStore(new MemoryEventStore());
await using (var cluster = await GranaryTestCluster.StartAsync(new() { Store = store }))
{
    var cart = cluster.Grains.GetGrain<ICartGrain>("c-4");
    store.FailAfterCommit(1);
    Sample.Show(await cart.Add("apple"), 1);
    Sample.Show(await cart.Add("pear"), 2);
}
