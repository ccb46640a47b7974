using Granary.Silo;
using Microsoft.Extensions.Configuration;

namespace Granary.Tests.Integration;

/// <summary>Settings of a silo whose events are in a storage account.</summary>
public sealed class AzureSettingsTests
{
    private const string Secret = "not-to-be-printed";
    private const string Emulator = "UseDevelopmentStorage=true";

    [Theory]
    [InlineData("Azure:ConnectionString", Secret, "Granary:Azure:ConnectionString: ")]
    [InlineData("Azure:TableEndpoint", "orders", "Granary:Azure:TableEndpoint: It is no address")]
    [InlineData("Azure:TableEndpoint", "https://not an address/?sig=" + Secret, "Granary:Azure:TableEndpoint")]
    [InlineData("Azure:TableEndpoint", "https://[?sig=" + Secret, "Granary:Azure:TableEndpoint")]
    [InlineData("Azure:RetryBudgetMs", "soon", "Granary:Azure:RetryBudgetMs is 'soon'; it must be a whole number.")]
    [InlineData("Azure:RetryBudgetMs", "0", "Granary:Azure:RetryBudgetMs: ")]
    [InlineData("PartitionCount", "many", "Granary:PartitionCount is 'many'; it must be a whole number.")]
    [InlineData("Ledger", "perhaps", "Granary:Ledger is 'perhaps'; it must be true or false.")]
    public void A_wrong_setting_is_named_and_no_secret_is_shown(string name, string value, string message)
    {
        var fault = Fault(("Store", "azure"), (name, value));

        Assert.StartsWith(message, fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_silo_without_an_account_is_answered_by_what_names_one()
    {
        var fault = Fault(("Store", "azure"));

        Assert.StartsWith(
            "Granary:Azure:ConnectionString, Granary:Azure:TableEndpoint: ", fault, StringComparison.Ordinal);
        Assert.Contains(Emulator, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://127.0.0.1:10002/devstoreaccount1")]
    [InlineData("orders.table.core.windows.net")]
    public void Where_the_account_is_the_clusters_that_setting_alone_is_named(string cluster)
    {
        var fault = Fault(("Store", "azure"), ("Cluster", "azure"), ("ClusterConnectionString", cluster));

        Assert.StartsWith("Granary:ClusterConnectionString: ", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("Granary:Azure", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_set_to_nothing_is_not_set()
    {
        var options = Read(
            ("Store", "azure"), ("Azure:ConnectionString", Emulator), ("Azure:TableEndpoint", ""),
            ("PartitionCount", ""));

        Assert.Null(options.Azure.TableEndpoint);
        Assert.Equal(16, options.Azure.PartitionCount);
    }

    [Fact]
    public void The_help_says_what_an_address_is() =>
        Assert.Contains("--Granary:Azure:TableEndpoint=<address>", Help.Text(), StringComparison.Ordinal);

    private static string Fault(params (string Name, string Value)[] settings) =>
        Assert.Throws<InvalidSettingsException>(() => Read(settings)).Message;

    private static GranarySiloOptions Read(params (string Name, string Value)[] settings) =>
        SiloSettings.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(static one =>
                KeyValuePair.Create($"Granary:{one.Name}", (string?)one.Value)))
            .Build());
}
