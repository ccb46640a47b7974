// The shape of an event changes, and what was stored in the old shape is read as today's.
using System.Text;
using Granary;
using Granary.Runtime;
using Granary.Samples;
using Granary.Samples.Upcasting;
using Microsoft.Extensions.DependencyInjection;

using var sample = new Sample();
var stream = new StreamName("customer", "ada");

await using var silo = await SampleSilo.StartAsync(silo =>
    silo.AddGranary().UseSqlite(options => options.Path = sample.DataPath).AddUpcaster<SplitName>());

Sample.Step("The log holds an event that an earlier version of the application wrote.");
var old = new NewEvent(
    TimeProvider.System, "customer-named", Encoding.UTF8.GetBytes("""{"name":"Ada Byron"}"""));
var append = new Append(stream, ExpectedVersion.NoStream, AppendId.New(TimeProvider.System), [old]);
var result = await silo.Services.GetRequiredService<IAppender>().AppendAsync(append, CancellationToken.None);
Sample.Show(result.Outcome, AppendOutcome.Appended);

Sample.Step("The grain is loaded from it, and from what it writes in today's shape.");
var customer = silo.Grain<ICustomerGrain>("ada");
Sample.Show(await customer.GetFamilyName(), "Byron");
await customer.Rename("Ada", "Lovelace");
Sample.Show(await customer.GetFamilyName(), "Lovelace");

Sample.Step("Stored bytes stay as they were written.");
var found = new List<string>();
var store = silo.Services.GetRequiredService<IEventStore>();
await foreach (var recorded in store.ReadStreamAsync(stream, StreamVersion.Zero, CancellationToken.None))
    found.Add($"schema {recorded.SchemaVersion}: {Encoding.UTF8.GetString(recorded.Payload.Span)}");
Sample.Show(found[0], """schema 1: {"name":"Ada Byron"}""");
Sample.Show(found[1], """schema 2: {"given":"Ada","family":"Lovelace"}""");
