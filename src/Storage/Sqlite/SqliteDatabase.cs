using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>The file: opens sessions on it and maps their errors.</summary>
internal sealed class SqliteDatabase(SqliteStoreOptions options)
{
    // Negative is KiB: what a writer or a reader keeps of the file's inner pages, heads and marks.
    private const int WriterCacheKibibytes = -32 * 1024;
    private const int ReaderCacheKibibytes = -8 * 1024;

    public SqliteStoreOptions Options => options;

    /// <summary>Opens the session that writes; every commit of it is synced before it returns.</summary>
    public SqliteSession OpenWriter()
    {
        MakeFolder();
        return Open(SqliteOpenMode.ReadWriteCreate, [
            "PRAGMA page_size = 8192", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
            // The write-ahead log is moved into the file off the commits' path, by the store's upkeep.
            "PRAGMA wal_autocheckpoint = 0", "PRAGMA journal_size_limit = 67108864", Cache(WriterCacheKibibytes),
        ]);
    }

    /// <summary>Opens a session that reads, or moves the write-ahead log into the file.</summary>
    public SqliteSession OpenReader() =>
        Open(SqliteOpenMode.ReadWrite, ["PRAGMA synchronous = FULL", Cache(ReaderCacheKibibytes)]);

    public GranaryException Map(SqliteException fault) => SqliteErrors.Map(fault, options.Path);

    private SqliteSession Open(SqliteOpenMode mode, ReadOnlySpan<string> pragmas)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = options.Path,
            Mode = mode,
            Pooling = false,
        }.ToString());
        var session = new SqliteSession(connection, options.PartitionCount);
        try
        {
            connection.Open();
            session.Execute(string.Create(
                CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {options.BusyTimeoutMs}"));
            foreach (var pragma in pragmas) session.Execute(pragma);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private void MakeFolder()
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(options.Path)) is { } folder) Directory.CreateDirectory(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException(
                $"The folder of {options.Path} cannot be made: {fault.Message} Make it, or choose another path.",
                fault);
        }
    }

    private static string Cache(int kibibytes) =>
        string.Create(CultureInfo.InvariantCulture, $"PRAGMA cache_size = {kibibytes}");
}
