using Azure;
using Azure.Data.Tables;
using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>The service's limits, which the emulator does not check all, are checked before anything is sent.</summary>
public sealed class AzureLimitsTests
{
    [Theory]
    [InlineData(100, 1, 1_000, true)]
    [InlineData(101, 1, 1_000, false)]
    [InlineData(1, 1, 64 * 1024, true)]
    [InlineData(1, 1, 64 * 1024 + 1, false)]
    [InlineData(1, 15, 64 * 1024, true)]
    [InlineData(1, 17, 64 * 1024, false)]
    [InlineData(46, 1, 64 * 1024, true)]
    [InlineData(50, 1, 64 * 1024, false)]
    public void A_transaction_over_a_limit_is_refused(int rows, int properties, int size, bool fits)
    {
        var row = new TableEntity("p", "r");
        for (var at = 0; at < properties; at++) row[$"P{at}"] = new byte[size];
        TableTransactionAction[] actions = [.. Enumerable.Repeat(
            new TableTransactionAction(TableTransactionActionType.Add, row), rows)];

        if (fits) TransactionLimits.Check(actions);
        else Assert.Throws<LimitExceededException>(() => TransactionLimits.Check(actions));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(DataProperties.SizeMax)]
    [InlineData(DataProperties.SizeMax + 1)]
    [InlineData(8 * DataProperties.SizeMax)]
    public void Data_are_split_over_properties_and_put_together_again(int size)
    {
        var data = Enumerable.Range(0, size).Select(static at => (byte)at).ToArray();
        var row = new TableEntity("p", "r");
        row.WriteData(data);

        Assert.Equal(data, row.ReadData());
        var values = ((IDictionary<string, object>)row).Values;
        Assert.All(values.OfType<byte[]>(), static one => Assert.InRange(one.Length, 1, DataProperties.SizeMax));
    }

    [Fact]
    public void An_error_has_no_secret()
    {
        var options = new AzureStoreOptions { ConnectionString = AccountOf("c2VjcmV0") };
        using var account = new AzureAccount(options, TimeProvider.System);

        var fault = AzureErrors.Map(
            new RequestFailedException(403, "GET /orders?sv=1&sig=secret&se=2", "AuthenticationFailed", null),
            account.Name);

        Assert.IsType<StoreReadOnlyException>(fault);
        Assert.Contains("orders", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", fault.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("nonsense", null, false)]
    [InlineData("key", "https://orders.table.core.windows.net", false)]
    [InlineData("key", null, true)]
    [InlineData(null, "https://orders.table.core.windows.net", true)]
    public void Options_name_one_account(string? connection, string? address, bool valid)
    {
        var options = new AzureStoreOptions
        {
            ConnectionString = connection == "key" ? AccountOf("c2VjcmV0") : connection,
            TableEndpoint = address is null ? null : new Uri(address),
        };

        Assert.Equal(valid, !options.Validate(new(options)).Any());
    }

    private static string AccountOf(string key) =>
        $"DefaultEndpointsProtocol=https;AccountName=orders;AccountKey={key};EndpointSuffix=core.windows.net";
}
