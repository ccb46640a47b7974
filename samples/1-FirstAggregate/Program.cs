// An aggregate is a journaled grain: it raises events, and its state is what they add up to.
using Granary;
using Granary.Samples;
using Granary.Samples.FirstAggregate;
using Microsoft.Extensions.DependencyInjection;

using var sample = new Sample();

Sample.Step("A counter adds and confirms: each event is on disk when Add returns.");
await using (var silo = await StartAsync())
{
    var counter = silo.Grain<ICounterGrain>("visits");
    Sample.Show(await counter.Add(2), 2);
    Sample.Show(await counter.Add(5), 7);
}

Sample.Step("Another silo on the same file folds the stored events again.");
await using (var silo = await StartAsync())
{
    var counter = silo.Grain<ICounterGrain>("visits");
    Sample.Show(await counter.GetTotal(), 7);

    Sample.Step("The log holds the events, under the grain's type and key.");
    var store = silo.Services.GetRequiredService<IEventStore>();
    var stream = new StreamName("counter", "visits");
    Sample.Show((await store.ReadHeadAsync(stream, CancellationToken.None)).Version, new StreamVersion(2));
    await foreach (var recorded in store.ReadStreamAsync(stream, StreamVersion.Zero, CancellationToken.None))
        Sample.Show($"{recorded.Version} {recorded.Type}", $"{recorded.Version} counted");
}

Task<SampleSilo> StartAsync() => SampleSilo.StartAsync(silo =>
    silo.AddGranary().UseSqlite(options => options.Path = sample.DataPath));
