// A projection folds the events of many grains into models that can be queried.
using Granary;
using Granary.Samples;
using Granary.Samples.Projections;
using Granary.Testing;
using Microsoft.Extensions.DependencyInjection;

using var sample = new Sample();
using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));

Sample.Step("Its test needs no silo: given events, then models.");
ProjectionScenario.For<Customers>()
    .Given("till/1", new Sold("ada", 3), new Sold("bob", 5))
    .Given("till/2", new Sold("ada", 4))
    .Then("ada", new Customer { Spent = 7, Purchases = 2 })
    .ThenNone("eve");

await using var silo = await SampleSilo.StartAsync(silo => silo
    .AddGranary().UseSqlite(options => options.Path = sample.DataPath).AddProjection<Customers>());
var customers = silo.Services.GetRequiredService<IModelReader<Customer>>();
var store = silo.Services.GetRequiredService<IEventStore>();

Sample.Step("Sales at two tills are one model for each customer. Who has written waits for it, and reads it.");
await silo.Grain<ITillGrain>("1").Sell("ada", 3);
await silo.Grain<ITillGrain>("1").Sell("bob", 5);
await silo.Grain<ITillGrain>("2").Sell("ada", 4);
var start = LogPosition.StartOf(new LogPartition(0));
var log = await store.ReadLogAsync(start, LogFilter.All, 1, patience.Token);
var written = ModelWait.For(start with { Position = log.End }, TimeSpan.FromSeconds(30));
Sample.Show(await customers.FindAsync("ada", written), new Customer { Spent = 7, Purchases = 2 });

Sample.Step("A column finds models and orders them.");
var page = await customers.QueryAsync(new ModelRequest("customers")
{
    Conditions = [new ModelRequestCondition("spent", ModelComparison.GreaterOrEqual, "5")],
    OrderBy = "spent",
    Descending = true,
});
Sample.Show(string.Join(' ', page.Models.Select(one => one.Key)), "ada bob");

Sample.Step("Built anew beside the models that are read, compared with them, and put in their place.");
var projections = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IProjectionsGrain>(0);
var build = await projections.Rebuild("customers", publish: true);
while (build.State != BuildState.Published)
{
    await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, patience.Token);
    build = (await projections.Read("customers")).Builds.Single(one => one.Name == build.Name);
}

Sample.Show(build.Name, "customers_v1_2");
Sample.Show(build.Differences, 0);
Sample.Show(await customers.FindAsync("bob"), new Customer { Spent = 5, Purchases = 1 });
