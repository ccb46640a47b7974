using System.Data.Common;
using Granary.Storage.AzureStorage;

namespace Granary.Cli;

/// <summary>Where a store is, as a command line names it. It may hold a password, so it is never shown as a whole.
/// </summary>
internal sealed record StoreAddress
{
    private const string Sqlite = "sqlite:";
    private const string Postgres = "postgres:";
    private const string SchemaName = "Schema";
    private const string DefaultSchema = "granary";

    private StoreAddress()
    {
    }

    /// <summary>The path of a SQLite file; null where it is another store.</summary>
    public string? Path { get; private init; }

    /// <summary>The connection string of a PostgreSQL database; null where it is another store.</summary>
    public string? ConnectionString { get; private init; }

    /// <summary>The storage account; null where it is a file or a database.</summary>
    public AzureStoreOptions? Azure { get; private init; }

    /// <summary>The schema in the database.</summary>
    public string Schema { get; private init; } = DefaultSchema;

    /// <summary>How it is named in what people read.</summary>
    public required string Name { get; init; }

    /// <summary>Reads an address.</summary>
    /// <exception cref="CommandException">It is none; the message holds nothing of it that may be secret.</exception>
    public static StoreAddress Parse(string text)
    {
        if (text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase)) return OfUri(text);
        if (text.StartsWith(Postgres, StringComparison.OrdinalIgnoreCase))
            return OfPairs(text[Postgres.Length..], schema: null);
        if (text.StartsWith(AzureAddress.Prefix, StringComparison.OrdinalIgnoreCase))
            return OfAccount(AzureAddress.OfPairs(text[AzureAddress.Prefix.Length..]));
        if (text.StartsWith(AzureAddress.Scheme, StringComparison.OrdinalIgnoreCase))
            return OfAccount(AzureAddress.OfUri(text));
        var path = text.StartsWith(Sqlite, StringComparison.OrdinalIgnoreCase) ? text[Sqlite.Length..] : text;
        if (path.Length == 0 || path.Contains(';', StringComparison.Ordinal)
            || path.Contains("://", StringComparison.Ordinal)
            || path.StartsWith("Host=", StringComparison.OrdinalIgnoreCase)) throw Unknown();
        return new() { Path = path, Name = path };
    }

    public override string ToString() => Name;

    private static StoreAddress OfAccount((AzureStoreOptions Options, string Name) account) =>
        new() { Azure = account.Options, Name = account.Name };

    private static StoreAddress OfPairs(string text, string? schema)
    {
        try
        {
            var pairs = new DbConnectionStringBuilder { ConnectionString = text };
            if (pairs.TryGetValue(SchemaName, out var given))
            {
                schema = given.ToString();
                pairs.Remove(SchemaName);
            }

            if (!pairs.TryGetValue("Host", out var host) && !pairs.TryGetValue("Server", out host)) throw Unknown();
            schema ??= DefaultSchema;
            pairs.TryGetValue("Database", out var database);
            return new()
            {
                ConnectionString = pairs.ConnectionString,
                Schema = schema,
                Name = $"schema {schema} of PostgreSQL database {database ?? "of the user"} at {host}",
            };
        }
        catch (ArgumentException)
        {
            // The driver's own message may hold a password.
            throw Unknown();
        }
    }

    // As libpq writes it: postgres://user:password@host:port/database?name=value
    private static StoreAddress OfUri(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0) throw Unknown();

        // A password that is not encoded ends the host early: its rest would be shown as the database.
        if ((uri.AbsolutePath + uri.Query + uri.Fragment).Contains('@', StringComparison.Ordinal)) throw Unknown();
        var pairs = new DbConnectionStringBuilder { ["Host"] = uri.Host.Trim('[', ']') };
        if (uri.Port > 0) pairs["Port"] = uri.Port;
        var database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        if (database.Length > 0) pairs["Database"] = database;
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0) pairs["Username"] = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1) pairs["Password"] = Uri.UnescapeDataString(user[1]);
        string? schema = null;
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2).Select(Uri.UnescapeDataString).ToArray();
            if (parts.Length < 2) throw Unknown();
            if (parts[0].Equals(SchemaName, StringComparison.OrdinalIgnoreCase)) schema = parts[1];
            else pairs[parts[0] == "sslmode" ? "SSL Mode" : parts[0]] = parts[1];
        }

        return OfPairs(pairs.ConnectionString, schema);
    }

    private static CommandException Unknown() => new(
        "A store is named by the path of its file, as in granary-data/granary.db or sqlite:granary-data/granary.db, or "
        + "as postgres:Host=db;Database=granary;Username=granary;Password=..., "
        + "postgres://granary@db/granary?schema=granary, azure:AccountName=...;AccountKey=...;Table=granary or "
        + "https://ACCOUNT.table.core.windows.net/granary.", ExitCodes.Usage);
}
