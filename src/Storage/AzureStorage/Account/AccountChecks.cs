using System.ComponentModel.DataAnnotations;
using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// What is wrong with the account that the options name. A value is never in a message: it may have a key or a
/// signature.
/// </summary>
internal static class AccountChecks
{
    private const string Tables = nameof(AzureStoreOptions.TableEndpoint);
    private const string Blobs = nameof(AzureStoreOptions.BlobEndpoint);
    private const string Text = nameof(AzureStoreOptions.ConnectionString);
    private const string Name = nameof(AzureStoreOptions.Name);

    private const string Example = "https://ACCOUNT.table.core.windows.net";

    public static IEnumerable<ValidationResult> Faults(AzureStoreOptions options)
    {
        var hasText = !string.IsNullOrEmpty(options.ConnectionString);
        if (hasText && options.TableEndpoint is not null)
            return [new($"Both are set. Keep {Text} or {Tables}, and remove the other.", [Text, Tables])];
        if (hasText) return OfText(options);
        return options.TableEndpoint is { } tables
            ? OfAddress(options, tables)
            : [new(
                $"No storage account is named. Set one of the two: {Text}, or {Tables}, as in {Example}. For the "
                + $"emulator Azurite on this machine set {Text} to UseDevelopmentStorage=true.",
                [Text, Tables])];
    }

    private static IEnumerable<ValidationResult> OfText(AzureStoreOptions options)
    {
        if (!IsConnectionString(options.ConnectionString!))
            yield return new(
                "It is no connection string of a storage account, as AccountName=...;AccountKey=... is one, or it "
                + $"does not name the account's blobs. For the address of an account set {Tables}.",
                [Text]);
        if (options.BlobEndpoint is not null)
            yield return new(
                $"It is set beside {Text}, which names the blobs itself. Remove it, or put BlobEndpoint=... into the "
                + "connection string.",
                [Blobs]);
    }

    private static IEnumerable<ValidationResult> OfAddress(AzureStoreOptions options, Uri tables)
    {
        if (TablesFault(tables) is { } fault) yield return new(fault, [Tables]);
        else if (options.BlobEndpoint is null && !IsOfTables(tables))
            yield return new(
                $"The address of the blobs does not follow from {Tables}, as its host has no '.table.' in it: set "
                + "this one too.",
                [Blobs]);
        if (options.BlobEndpoint is not { } blobs) yield break;
        if (!IsHttp(blobs))
            yield return new("It is no address, as https://ACCOUNT.blob.core.windows.net is one.", [Blobs]);
        else if (blobs.Query.Length > 0)
            yield return new(
                $"It ends with a query. A shared access signature is set at the end of {Tables}.", [Blobs]);
    }

    private static string? TablesFault(Uri tables)
    {
        if (!IsHttp(tables)) return $"It is no address, as {Example} is one.";
        if (tables.Host.Contains(".blob.", StringComparison.OrdinalIgnoreCase))
            return $"It is the address of the account's blobs. Set that of its tables, as in {Example}.";
        if (IsOfTables(tables) && tables.AbsolutePath.Trim('/').Length > 0)
            return $"It ends with a path. The address is as in {Example}, and {Name} names the table.";
        return tables.Scheme == Uri.UriSchemeHttp && tables.Query.Length <= 1
            ? $"It begins with http, and the identity of a process needs https. For an emulator set {Text}."
            : null;
    }

    private static bool IsHttp(Uri address) =>
        address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp);

    private static bool IsOfTables(Uri tables) => tables.Host.Contains(".table.", StringComparison.OrdinalIgnoreCase);

    // The client's own error may hold the key.
    private static bool IsConnectionString(string text)
    {
        try
        {
            _ = new TableServiceClient(text);
            _ = new BlobServiceClient(text);
            return true;
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }
}
