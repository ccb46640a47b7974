using Granary.Tests.Unit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.EventSourcing;
using Orleans.EventSourcing.LogStorage;
using Orleans.TestingHost;

namespace Granary.Tests.Unit.Hosting;

/// <summary>
/// Which provider a grain gets where a silo has more than Granary: by Orleans' own rule a provider that was registered
/// first stays the default, and a grain without an attribute would keep its events there.
/// </summary>
public sealed class DefaultProviderTests
{
    private static readonly Dictionary<string, Action<ISiloBuilder>> Named = new()
    {
        ["LogStorage"] = static silo => silo.AddLogStorageBasedLogConsistencyProvider(),
        ["StateStorage"] = static silo => silo.AddStateStorageBasedLogConsistencyProvider(),
        ["CustomStorage"] = static silo => silo.AddCustomStorageBasedLogConsistencyProvider("CustomStorage"),
    };

    private static readonly Dictionary<string, Action<ISiloBuilder>> Default = new()
    {
        ["LogStorage"] = static silo => silo.AddLogStorageBasedLogConsistencyProviderAsDefault(),
        ["StateStorage"] = static silo => silo.AddStateStorageBasedLogConsistencyProviderAsDefault(),
        ["CustomStorage"] = static silo => silo.AddCustomStorageBasedLogConsistencyProviderAsDefault(),
        ["an own one"] = static silo =>
            silo.Services.AddKeyedSingleton<ILogViewAdaptorFactory, LogConsistencyProvider>("Default"),
    };

    public static TheoryData<string, bool> NamedInBothOrders => InBothOrders(Named.Keys);

    public static TheoryData<string, bool> DefaultInBothOrders => InBothOrders(Default.Keys);

    [Theory]
    [MemberData(nameof(NamedInBothOrders))]
    public async Task Beside_a_named_provider_Granary_is_the_default(string provider, bool granaryFirst)
    {
        await using var cluster = await StartAsync(Named[provider], granaryFirst);

        Assert.True(await IsOnGranaryAsync<IDoorGrain>(cluster));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_grain_that_names_another_provider_keeps_it(bool granaryFirst)
    {
        await using var cluster = await StartAsync(
            static silo => silo.AddMemoryGrainStorage("Default").AddLogStorageBasedLogConsistencyProvider(),
            granaryFirst);

        Assert.False(await IsOnGranaryAsync<ILogStorageDoorGrain>(cluster));
    }

    [Fact]
    public async Task A_grain_that_names_Granary_is_there()
    {
        await using var cluster = await StartAsync(Named["LogStorage"], granaryFirst: false);

        Assert.True(await IsOnGranaryAsync<IGranaryDoorGrain>(cluster));
    }

    [Fact]
    public async Task A_grain_whose_attribute_names_nothing_is_on_the_default()
    {
        await using var cluster = await StartAsync(Named["LogStorage"], granaryFirst: false);

        Assert.True(await IsOnGranaryAsync<INamelessDoorGrain>(cluster));
    }

    [Theory]
    [MemberData(nameof(DefaultInBothOrders))]
    public async Task Beside_another_default_the_silo_does_not_start(string provider, bool granaryFirst)
    {
        var error = await TestSilo.FailToStartAsync<OrleansConfigurationException>(
            silo => Configure(silo, Default[provider], granaryFirst));

        Assert.Contains("default log-consistency provider", error.Message, StringComparison.Ordinal);
        Assert.Contains(provider == "an own one" ? "LogStorage" : provider, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_application_replaces_the_default_the_silo_does_not_start()
    {
        var error = await TestSilo.FailToStartAsync<OrleansConfigurationException>(static silo => Configure(
            silo,
            static one => one.Services.AddSingleton<ILogViewAdaptorFactory, LogConsistencyProvider>(),
            granaryFirst: true));

        Assert.Contains("default log-consistency provider", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_another_provider_has_the_name_Granary_the_silo_does_not_start()
    {
        var error = await TestSilo.FailToStartAsync<OrleansConfigurationException>(static silo => Configure(
            silo, static one => one.AddLogStorageBasedLogConsistencyProvider("Granary"), granaryFirst: true));

        Assert.Contains("named Granary", error.Message, StringComparison.Ordinal);
    }

    private static TheoryData<string, bool> InBothOrders(IEnumerable<string> providers)
    {
        var data = new TheoryData<string, bool>();
        foreach (var provider in providers)
        {
            data.Add(provider, false);
            data.Add(provider, true);
        }

        return data;
    }

    private static Task<InProcessTestCluster> StartAsync(Action<ISiloBuilder> other, bool granaryFirst) =>
        TestSilo.StartAsync(silo => Configure(silo, other, granaryFirst));

    private static void Configure(ISiloBuilder silo, Action<ISiloBuilder> other, bool granaryFirst)
    {
        if (!granaryFirst) other(silo);
        silo.AddGranary().UseMemory();
        if (granaryFirst) other(silo);
    }

    private static async Task<bool> IsOnGranaryAsync<TGrain>(InProcessTestCluster cluster)
        where TGrain : IDoorGrain
    {
        var door = cluster.Client.GetGrain<TGrain>("front");
        await door.Open("Ada");
        Assert.True(await door.IsOpen());
        try
        {
            return (await door.AsReference<IHistoryExtension>().ReadHead()).Version.Value == 1;
        }
        catch (NotOnGranaryException)
        {
            return false;
        }
    }
}
