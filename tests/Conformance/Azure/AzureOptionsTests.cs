using System.ComponentModel.DataAnnotations;
using Azure;
using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>A wrong option is named, its message says what to set instead, and no message has a value.</summary>
public sealed class AzureOptionsTests
{
    private const string Secret = "c2VjcmV0";
    private const string Text = $"DefaultEndpointsProtocol=https;AccountName=orders;AccountKey={Secret}";
    private const string Tables = "https://orders.table.core.windows.net";
    private const string Emulator = "http://127.0.0.1:10002/devstoreaccount1";

    [Theory]
    [InlineData(Text, null, null)]
    [InlineData("UseDevelopmentStorage=true", null, null)]
    [InlineData(null, Tables, null)]
    [InlineData(null, Tables + "/?sv=1&sig=" + Secret, null)]
    [InlineData(null, Tables, "https://orders.blob.core.windows.net")]
    [InlineData(null, "https://tables.example", "https://blobs.example")]
    [InlineData(null, Emulator + "?sv=1&sig=" + Secret, "http://127.0.0.1:10000/devstoreaccount1")]
    public void An_account_is_named_by_a_connection_string_or_an_address(string? text, string? tables, string? blobs) =>
        Assert.Empty(Faults(text, tables, blobs));

    [Theory]
    [InlineData(null, null, null, "ConnectionString,TableEndpoint", "No storage account is named")]
    [InlineData(Text, Tables, null, "ConnectionString,TableEndpoint", "Both are set")]
    [InlineData("nonsense", null, null, "ConnectionString", "no connection string")]
    [InlineData(Tables, null, null, "ConnectionString", "set TableEndpoint")]
    [InlineData(Text, null, "https://x.blob.core.windows.net", "BlobEndpoint", "Remove it")]
    [InlineData(null, "orders.table.core.windows.net", null, "TableEndpoint", "It is no address")]
    [InlineData(null, "AccountName=orders;AccountKey=" + Secret, null, "TableEndpoint", "It is no address")]
    [InlineData(null, "ftp://orders.table.core.windows.net", null, "TableEndpoint", "It is no address")]
    [InlineData(null, "https://orders.blob.core.windows.net", null, "TableEndpoint", "address of the account's blobs")]
    [InlineData(null, Tables + "/granary", null, "TableEndpoint", "Name names the table")]
    [InlineData(null, Emulator, "http://127.0.0.1:10000/devstoreaccount1", "TableEndpoint", "needs https")]
    [InlineData(null, "https://tables.example", null, "BlobEndpoint", "set this one too")]
    [InlineData(null, Tables, "orders", "BlobEndpoint", "It is no address")]
    [InlineData(null, Tables, "https://x.blob.core.windows.net/?sig=" + Secret, "BlobEndpoint", "end of TableEndpoint")]
    public void A_wrong_account_is_named_and_not_shown(
        string? text, string? tables, string? blobs, string members, string message)
    {
        var fault = Assert.Single(Faults(text, tables, blobs));

        Assert.Equal(members, string.Join(',', fault.MemberNames));
        Assert.Contains(message, fault.ErrorMessage, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, fault.ErrorMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("My-Table")]
    [InlineData("ab")]
    [InlineData("1orders")]
    public void A_wrong_name_is_answered_by_what_names_have(string name)
    {
        var options = new AzureStoreOptions { ConnectionString = Text, Name = name };
        var faults = new List<ValidationResult>();
        Validator.TryValidateObject(options, new(options), faults, validateAllProperties: true);

        Assert.Contains(
            "3 to 63 small letters and digits", Assert.Single(faults).ErrorMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "The key, the signature or the token is wrong")]
    [InlineData("AuthenticationFailed", "The key, the signature or the token is wrong")]
    [InlineData("KeyBasedAuthenticationNotPermitted", "set TableEndpoint")]
    [InlineData("AuthorizationFailure", "network rules")]
    [InlineData("AuthorizationPermissionMismatch", "Storage Table Data Contributor")]
    public void A_refusal_names_its_cause(string? code, string message)
    {
        var fault = AzureErrors.Map(new RequestFailedException(403, "no", code, null), "the store");

        Assert.IsType<StoreReadOnlyException>(fault);
        Assert.Contains($"403 {code}".TrimEnd(), fault.Message, StringComparison.Ordinal);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_host_that_cannot_be_reached_is_named()
    {
        const string nobody = "127.0.0.1:1", blobs = $"http://{nobody}/devstoreaccount1";
        using var account = new AzureAccount(
            new()
            {
                ConnectionString =
                    $"AccountName=orders;AccountKey={Secret};BlobEndpoint={blobs};TableEndpoint={Emulator}",
                RetryBudgetMs = 1,
            },
            TimeProvider.System);

        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() =>
            new AzureBlobs(account).FindAsync("one", TestContext.Current.CancellationToken));

        Assert.Contains(nobody, fault.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<ValidationResult> Faults(string? text, string? tables, string? blobs)
    {
        var options = new AzureStoreOptions
        {
            ConnectionString = text,
            TableEndpoint = ToAddress(tables),
            BlobEndpoint = ToAddress(blobs),
        };
        return options.Validate(new(options));
    }

    // As configuration binds it.
    private static Uri? ToAddress(string? text) => text is null ? null : new Uri(text, UriKind.RelativeOrAbsolute);
}
