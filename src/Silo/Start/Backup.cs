using Granary.Storage.Sqlite;

namespace Granary.Silo;

/// <summary>The <c>--backup</c> command: a copy of the store, whether or not a silo runs on it.</summary>
internal static class Backup
{
    /// <summary>Writes the backup that a command line requests.</summary>
    /// <exception cref="IOException">The file exists, or cannot be written.</exception>
    public static async Task<int> RunAsync(CommandLine command)
    {
        using var signals = new StopSignals();
        var path = Path.GetFullPath(command.BackupPath!);
        var options = SiloSettings.Read(GranarySilo.CreateBuilder(command.Arguments).Configuration);
        if (options.Store != StoreKind.Sqlite)
            throw new InvalidSettingsException(
                "--backup copies a store of sqlite, and Granary:Store is another one: use pg_dump for a database, and "
                + "granary copy for a storage account.");
        try
        {
            await SqliteEventStore.BackupAsync(options.Sqlite, path, signals.Token);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("The backup was stopped; there is none.");
            return StartFault.FaultCode;
        }

        Console.WriteLine($"{path} is a backup of {Path.GetFullPath(options.Sqlite.Path)}.");
        return 0;
    }
}
