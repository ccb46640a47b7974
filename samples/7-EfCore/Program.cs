// EF Core writes tables of its own in the transaction in which Granary's checkpoint commits: exactly once.
using Granary;
using Granary.Samples;
using Granary.Samples.EfCore;
using Granary.Storage.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

using var sample = new Sample();
using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));

await using var silo = await SampleSilo.StartAsync(silo => silo
    .AddGranary().UseSqlite(options => options.Path = sample.DataPath).AddSqlProjection<Orders>());
var path = silo.Services.GetRequiredService<SqliteModelStore>().Path;
var grains = silo.Services.GetRequiredService<IGrainFactory>();

Sample.Step("Orders become rows, which are read with LINQ.");
await silo.Grain<IOrderGrain>("1").Place("ada", 3);
await silo.Grain<IOrderGrain>("2").Place("bob", 5);
await silo.Grain<IOrderGrain>("3").Place("ada", 4);
await FollowedAsync();
await using (var db = OrdersContext.Open(path))
    Sample.Show(await db.Orders.Where(order => order.Customer == "ada").SumAsync(order => order.Cents), 700);

Sample.Step("The code throws after it has saved: all of it is rolled back, and the event comes again.");
await silo.Grain<IOrderGrain>("1").Cancel();
await FollowedAsync();
await using (var db = OrdersContext.Open(path))
{
    Sample.Show(await db.Orders.CountAsync(), 3);
    Sample.Show(await db.Orders.CountAsync(order => order.IsCancelled), 1);
}

Sample.Step("Built anew: the tables are reset in one transaction, and every event is applied from the first one on.");
var build = await grains.GetGrain<IProjectionsGrain>(0).Rebuild("orders", publish: true);
Sample.Show(build.Name, "orders_s1_2");
await FollowedAsync();
await using (var db = OrdersContext.Open(path))
{
    Sample.Show(await db.Orders.CountAsync(), 3);
    Sample.Show(await db.Orders.Where(order => !order.IsCancelled).SumAsync(order => order.Cents), 900);
}

// Waits until the projection has passed the end of the log.
async Task FollowedAsync()
{
    var readers = grains.GetGrain<IReadersGrain>(0);
    while ((await readers.GetStatus("orders", patience.Token)).Any(one => one.Lag > 0))
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
}
