using Granary.Runtime;
using Granary.Tests.Unit.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Unit.Hosting;

public sealed class StoreChoiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_store_the_silo_does_not_start()
    {
        var error = await TestSilo.FailToStartAsync<OrleansConfigurationException>(static silo => silo.AddGranary());

        Assert.Contains("has no event store", error.Message, StringComparison.Ordinal);
        Assert.Contains("UseSqlite", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_snapshot_store_the_silo_does_not_start()
    {
        var error = await TestSilo.FailToStartAsync<OrleansConfigurationException>(static silo =>
        {
            silo.AddGranary();
            silo.Services.AddSingleton<IEventStore>(new MemoryEventStore());
        });

        Assert.Contains("has no snapshot store", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_two_stores_the_silo_does_not_start()
    {
        var error = await TestSilo.FailToStartAsync<OrleansConfigurationException>(
            static silo => silo.AddGranary().UseMemory().UseSqlite());

        Assert.Contains("has 2 event stores", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(MemoryEventStore), error.Message, StringComparison.Ordinal);
        Assert.Contains("SqliteGranaryBuilderExtensions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_one_store_chosen_twice_the_silo_does_not_start()
    {
        var error = await TestSilo.FailToStartAsync<OrleansConfigurationException>(static silo =>
        {
            silo.AddGranary().UseMemory();
            silo.AddGranary().UseMemory();
        });

        Assert.Contains("has 2 event stores", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_two_snapshot_stores_the_silo_does_not_start()
    {
        var error = await TestSilo.FailToStartAsync<OrleansConfigurationException>(static silo =>
        {
            silo.AddGranary().UseMemory();
            silo.Services.AddSingleton<ISnapshotStore>(new MemorySnapshotStore());
        });

        Assert.Contains("has 2 snapshot stores", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adding_Granary_twice_is_adding_it_once_with_both_settings()
    {
        IServiceCollection? services = null;
        var counts = new List<int>();
        await using var cluster = await TestSilo.StartAsync(silo =>
        {
            services = silo.Services;
            silo.AddGranary().ConfigureJournal(static options => options.RetryDelayMs = 7).UseMemory();
            counts.Add(services.Count);
            silo.AddGranary();
            counts.Add(services.Count);
            silo.AddGranary().ConfigureJournal(static options => options.ConflictsMax = 9);
        });

        Assert.Equal(counts[0], counts[1]);
        await cluster.Client.GetGrain<IDoorGrain>("front").Open("Ada");
        var journal = cluster.Silos[0].ServiceProvider.GetRequiredService<JournalServices>();
        Assert.Equal((7, 9), (journal.Options.RetryDelayMs, journal.Options.ConflictsMax));
        Assert.Equal(1, (await journal.Store.ReadHeadAsync(new("door", "front"), Token)).Version.Value);
    }
}
