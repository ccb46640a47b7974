using System.CommandLine;
using Granary.Storage.AzureStorage;
using Granary.Storage.Sqlite;
using Npgsql;

namespace Granary.Cli;

/// <summary><c>granary backup</c>.</summary>
internal static class BackupCommand
{
    public static Command Create(CommandIo io)
    {
        var store = CommandParts.Store();
        var output = new Option<string?>("--output", "-o") { Description = "The file that the backup is written to." };
        var command = new Command(
            "backup",
            "Copies a store of SQLite, as it is at one instant, to a new file, also while a silo writes. For "
            + "PostgreSQL and Azure Storage it prints the command to run.")
        {
            store, output,
        };
        command.SetAction((parsed, token) => RunAsync(
            io, CommandParts.AddressOf(parsed.GetValue(store), CommandParts.StoreVariable, io),
            parsed.GetValue(output), token));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandIo io, StoreAddress address, string? output, CancellationToken cancellationToken)
    {
        if (output is null) throw new CommandException("Name the file with --output.", ExitCodes.Usage);
        var lines = new OutputLines(io);
        if (address.Azure is { } account)
        {
            await io.Error.WriteLineAsync(
                "Azure Storage has no backup of tables. This copies the log into a file, while silos write"
                + (HasSecret(account) ? ", with the address of the store in GRANARY_FROM:" : ":"));
            await lines.WriteTextAsync(CopyOf(account, output), cancellationToken);
            return ExitCodes.Done;
        }

        if (address.Path is not { } path)
        {
            await io.Error.WriteLineAsync(
                "PostgreSQL makes its backups itself. This one is consistent, while silos write:");
            await lines.WriteTextAsync(DumpOf(address, output), cancellationToken);
            return ExitCodes.Done;
        }

        if (!Path.Exists(path)) throw new CommandException($"There is no store: {address}.", ExitCodes.Unavailable);
        await SqliteEventStore.BackupAsync(new SqliteStoreOptions { Path = path }, output, cancellationToken);
        await lines.WriteTextAsync(
            $"{Path.GetFullPath(output)} is a backup of {Path.GetFullPath(path)}.", cancellationToken);
        return ExitCodes.Done;
    }

    private static string CopyOf(AzureStoreOptions account, string output) => HasSecret(account)
        ? $"granary copy --to {Quoted(output)}"
        : $"granary copy --from {new Uri(account.TableEndpoint!, account.Name)} --to {Quoted(output)}";

    // A key or a signature is on no command line that is shown.
    private static bool HasSecret(AzureStoreOptions account) => account.TableEndpoint is not { Query.Length: <= 1 };

    // Without the password: pg_dump asks for it, or takes PGPASSWORD or ~/.pgpass.
    private static string DumpOf(StoreAddress address, string output)
    {
        var parts = new NpgsqlConnectionStringBuilder(address.ConnectionString);
        var dump = $"pg_dump --format=custom --schema={Quoted(address.Schema)} --file={Quoted(output)} "
            + $"--host={Quoted(parts.Host ?? "localhost")} --port={parts.Port}";
        if (parts.Username is { } user) dump += $" --username={Quoted(user)}";
        return parts.Database is { } database ? $"{dump} --dbname={Quoted(database)}" : dump;
    }

    // For a shell.
    private static string Quoted(string text) =>
        text.All(static one => char.IsAsciiLetterOrDigit(one) || one is '.' or '_' or '-' or '/')
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
