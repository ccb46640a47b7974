using System.ComponentModel.DataAnnotations;
using Azure.Data.Tables;
using Granary.Storage.AzureStorage;

namespace Granary.Cli;

/// <summary>Addresses of stores in a storage account.</summary>
internal static class AzureAddress
{
    /// <summary>What the connection string of an account begins with here.</summary>
    public const string Prefix = "azure:";

    /// <summary>What the address of an account's tables begins with.</summary>
    public const string Scheme = "https://";

    private const string TableName = "Table";

    // The account that every emulator has.
    private const string Emulator = "devstoreaccount1";

    /// <summary>Reads a connection string; a pair of it may name the table.</summary>
    /// <exception cref="CommandException">It is none; the message holds nothing of it.</exception>
    public static (AzureStoreOptions Options, string Name) OfPairs(string text)
    {
        var options = new AzureStoreOptions();
        var rest = new List<string>();

        // Its own pairs stay as they are: a key may end with the sign between name and value.
        foreach (var pair in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            if (parts.Length == 2 && parts[0].Equals(TableName, StringComparison.OrdinalIgnoreCase))
                options.Name = parts[1];
            else rest.Add(pair);
        }

        options.ConnectionString = string.Join(';', rest);
        return Checked(options);
    }

    /// <summary>
    /// Reads the address of tables, with the name of the table as its path: with a shared access signature, or for the
    /// identity of the process.
    /// </summary>
    /// <exception cref="CommandException">It is none; the message holds nothing of it.</exception>
    public static (AzureStoreOptions Options, string Name) OfUri(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0) throw Unknown();
        var options = new AzureStoreOptions
        {
            TableEndpoint = new UriBuilder(uri) { Path = "/" }.Uri,
        };
        var table = uri.AbsolutePath.Trim('/');
        if (table.Length > 0) options.Name = table;
        return Checked(options);
    }

    private static (AzureStoreOptions Options, string Name) Checked(AzureStoreOptions options)
    {
        if (!Validator.TryValidateObject(options, new ValidationContext(options), null, validateAllProperties: true))
            throw Unknown();

        // The client finds it in all that a connection string may have: a name, an address, or the emulator.
        var account = options.TableEndpoint is { } tables
            ? tables.Host.Split('.')[0]
            : new TableServiceClient(options.ConnectionString).AccountName;
        return (options, account == Emulator
            ? $"table {options.Name} of the storage emulator"
            : $"table {options.Name} of storage account {account}");
    }

    private static CommandException Unknown() => new(
        "A store in a storage account is named as azure:AccountName=...;AccountKey=...;Table=granary or "
        + "https://ACCOUNT.table.core.windows.net/granary. A table has 3 to 63 small letters and digits, a letter "
        + "first.", ExitCodes.Usage);
}
