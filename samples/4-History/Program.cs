// Every past state can be read: as of a version, and as of an instant.
using System.Text;
using Granary;
using Granary.Client;
using Granary.Samples;
using Granary.Samples.History;
using Microsoft.Extensions.DependencyInjection;

using var sample = new Sample();
var morning = new DateTimeOffset(2026, 1, 1, 8, 0, 0, TimeSpan.Zero);
var clock = new SampleClock(morning);

await using var silo = await SampleSilo.StartAsync(silo =>
{
    silo.Services.AddSingleton<TimeProvider>(clock);
    silo.Services.AddGranaryClient();
    silo.AddGranary().UseSqlite(options => options.Path = sample.DataPath).AddGranaryGrains();
});

Sample.Step("A thermostat is set three times in a day.");
var thermostat = silo.Grain<IThermostatGrain>("hall");
foreach (var degrees in new[] { 19, 21, 17 })
{
    await thermostat.Set(degrees);
    clock.Now += TimeSpan.FromHours(6);
}

var granary = silo.Services.GetRequiredService<IGranaryClient>();
var hall = new StreamName("thermostat", "hall");

Sample.Step("The state now, and as it was at each version.");
Sample.Show(await NowAsync(), """{"degrees":17}""");
Sample.Show(await AtVersionAsync(1), """{"degrees":19}""");
Sample.Show(await AtVersionAsync(2), """{"degrees":21}""");

Sample.Step("The state as it was at an instant.");
Sample.Show(await AtAsync(morning.AddHours(5)), """{"degrees":19}""");
Sample.Show(await AtAsync(morning.AddHours(6)), """{"degrees":21}""");

Sample.Step("The events, newest first.");
var page = await granary.ReadStreamAsync(
    hall, new StreamVersion(4), limit: 2, ReadDirection.Backward, CancellationToken.None);
Sample.Show(
    string.Join(", ", page.Events.Select(one => $"{one.Version} at {one.Timestamp:HH:mm}")), "3 at 20:00, 2 at 14:00");

async Task<string> NowAsync() => Text(await granary.ReadStateAsync(hall, CancellationToken.None));

async Task<string> AtVersionAsync(long version) =>
    Text(await granary.ReadStateAsync(hall, new StreamVersion(version), CancellationToken.None));

async Task<string> AtAsync(DateTimeOffset instant) =>
    Text(await granary.ReadStateAsync(hall, instant, CancellationToken.None));

static string Text(StateView view) => Encoding.UTF8.GetString(view.Json);
