using Azure.Data.Tables;

namespace Granary.Tests.Conformance.Azure;

/// <summary>What a store says of itself is looked at before anything else in it.</summary>
public sealed class AzureSchemaTests : AzureTest
{
    [Theory]
    [InlineData(1, "with the Granary that wrote it")]
    [InlineData(99, "Start a newer Granary")]
    public async Task A_store_of_another_schema_version_is_not_opened_and_says_what_to_do(int version, string what)
    {
        var store = await OpenAsync();

        // Without a checksum, as version 1 was.
        var other = new TableEntity("store", "store")
        {
            ["SchemaVersion"] = version, ["PartitionCount"] = store.PartitionCount, ["StoreId"] = NextId(),
        };
        await store.Account.Table.UpsertEntityAsync(other, TableUpdateMode.Replace, Token);

        var fault = await Assert.ThrowsAsync<StoreSchemaException>(() => OpenAsync());
        Assert.Contains($"schema version {version}", fault.Message, StringComparison.Ordinal);
        Assert.Contains(what, fault.Message, StringComparison.Ordinal);
    }
}
