using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>The file: opens sessions on it and maps their errors.</summary>
internal sealed class SqliteDatabase(SqliteStoreOptions options)
{
    // Negative is KiB: what a writer or a reader keeps of the file's inner pages, heads and marks.
    private const int WriterCacheKibibytes = -32 * 1024;
    private const int ReaderCacheKibibytes = -8 * 1024;

    private readonly string _path = Path.GetFullPath(options.Path);
    private readonly string _busyTimeout =
        string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {options.BusyTimeoutMs}");

    public SqliteStoreOptions Options => options;

    /// <summary>Opens the session that writes; every commit of it is synced before it returns.</summary>
    public SqliteSession OpenWriter()
    {
        MakeFolder();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();

            // Through the driver, which asks again where another process is just making the file as well.
            foreach (var pragma in (ReadOnlySpan<string>)[
                _busyTimeout, "PRAGMA page_size = 8192", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
                // The write-ahead log is moved into the file off the commits' path, by the store's upkeep.
                "PRAGMA wal_autocheckpoint = 0", "PRAGMA journal_size_limit = 67108864", Cache(WriterCacheKibibytes),
            ])
            {
                using var command = connection.CreateCommand();
                command.CommandText = pragma;
                command.ExecuteNonQuery();
            }

            return new SqliteSession(connection.Handle!, connection, options.PartitionCount);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a session that reads, or moves the write-ahead log into the file.</summary>
    public SqliteSession OpenReader()
    {
        // One thread at a time uses a session: SQLite need not lock it for every column of every row.
        const int Flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(_path, out var database, Flags, null);
        var session = new SqliteSession(database, database, options.PartitionCount);
        try
        {
            if (code != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(code, database);
            session.Execute(_busyTimeout);
            session.Execute("PRAGMA synchronous = FULL");
            session.Execute(Cache(ReaderCacheKibibytes));
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public GranaryException Map(SqliteException fault) => SqliteErrors.Map(fault, options.Path);

    private void MakeFolder()
    {
        try
        {
            if (Path.GetDirectoryName(_path) is { } folder) Directory.CreateDirectory(folder);
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
