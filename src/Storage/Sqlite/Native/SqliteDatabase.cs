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
        MakeFile();

        // The write-ahead log is moved into the file off the commits' path, by the store's upkeep.
        return Open(
            "PRAGMA wal_autocheckpoint = 0", "PRAGMA journal_size_limit = 67108864", Cache(WriterCacheKibibytes));
    }

    /// <summary>Opens a session that reads, or moves the write-ahead log into the file.</summary>
    public SqliteSession OpenReader() => Open(Cache(ReaderCacheKibibytes));

    public GranaryException Map(SqliteException fault) => SqliteErrors.Map(fault, options.Path);

    private SqliteSession Open(params ReadOnlySpan<string> pragmas)
    {
        // One thread at a time uses a session: SQLite need not lock it for every column of every row.
        const int Flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(_path, out var database, Flags, null);
        var session = new SqliteSession(database, options.PartitionCount);
        try
        {
            if (code != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(code, database);
            session.Execute(_busyTimeout);
            session.Execute("PRAGMA synchronous = FULL");
            foreach (var pragma in pragmas) session.Execute(pragma);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    // Through the driver, which asks again where another process is just making the file as well.
    private void MakeFile()
    {
        MakeFolder();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
        }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        foreach (var pragma in (ReadOnlySpan<string>)
            [_busyTimeout, "PRAGMA page_size = 8192", "PRAGMA journal_mode = WAL"])
        {
            command.CommandText = pragma;
            command.ExecuteNonQuery();
        }
    }

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
