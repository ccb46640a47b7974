using Granary.Tests.Unit.Hosting;

namespace Granary.Tests.Unit.Adoption;

public sealed class AdoptionConfigurationTests
{
    [Fact]
    public async Task With_a_storage_that_is_not_there_the_silo_does_not_start()
    {
        var error = await TestSilo.FailToStartAsync<OrleansConfigurationException>(static silo =>
        {
            silo.AddMemoryGrainStorage("carts");
            silo.AddGranary().UseMemory().AdoptLogStorage("orders");
        });

        Assert.StartsWith("AdoptLogStorage(\"orders\") names", error.Message, StringComparison.Ordinal);
        Assert.Contains("AddAzureTableGrainStorage(\"orders\")", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("The silo has carts.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_any_storage_the_silo_does_not_start()
    {
        var error = await TestSilo.FailToStartAsync<OrleansConfigurationException>(static silo =>
            silo.AddGranary().UseMemory().AdoptStateStorage("orders", static (PagesState _) => new PagesTakenOver([])));

        Assert.StartsWith("AdoptStateStorage(\"orders\", (PagesState state)", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("The silo has none.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_two_rules_for_the_same_grains_the_silo_does_not_start()
    {
        var error = await TestSilo.FailToStartAsync<OrleansConfigurationException>(static silo =>
        {
            silo.AddMemoryGrainStorage("carts").AddMemoryGrainStorage("orders");
            silo.AddGranary().UseMemory().AdoptLogStorage("orders").AdoptLogStorage("carts");
        });

        Assert.StartsWith(
            "AdoptLogStorage(\"orders\") and AdoptLogStorage(\"carts\") are for the same grains.", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_storage_may_be_registered_after_Granary()
    {
        await using var cluster = await TestSilo.StartAsync(static silo =>
        {
            silo.AddGranary().UseMemory().AdoptLogStorage("orders").AdoptLogStorage<PagesGrain>("carts");
            silo.AddMemoryGrainStorage("carts").AddMemoryGrainStorage("orders");
        });

        Assert.Equal(1, await cluster.Client.GetGrain<IPagesGrain>("a").Add("one"));
    }
}
