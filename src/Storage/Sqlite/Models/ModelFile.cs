using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>The file of the models: one connection that writes at a time, and a bounded number that read.</summary>
internal sealed class ModelFile : IAsyncDisposable
{
    private const long WalBytesMax = 64 * 1024 * 1024;

    // Rows of a commit are anywhere in the table and its indexes. With more pages in memory fewer are read again, and
    // with a longer write-ahead log a page that was changed by several commits is moved into the file once.
    private const int WriterCacheKibibytes = 32 * 1024;
    private const int WalPages = 8_192;

    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _reading;
    private readonly SqliteStoreOptions _options;
    private readonly string _connectionString;
    private readonly string _ownConnectionString;
    private SqliteConnection? _writer;
    private bool _disposed;
    private volatile bool _mustReopen;

    public ModelFile(SqliteStoreOptions options)
    {
        _options = options;
        _reading = new SemaphoreSlim(options.ReadersMax);
        Path = PathOf(options);
        var connection = new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = true,
            DefaultTimeout = Math.Max(1, (options.BusyTimeoutMs + 999) / 1000),
        };
        _connectionString = connection.ToString();
        connection.Pooling = false;
        _ownConnectionString = connection.ToString();
    }

    public string Path { get; }

    /// <summary>The path of the models: its own, else beside that of the log.</summary>
    public static string PathOf(SqliteStoreOptions options)
    {
        if (options.ModelsPath is { Length: > 0 } own) return own;
        var name = System.IO.Path.GetFileNameWithoutExtension(options.Path) + "-models"
            + System.IO.Path.GetExtension(options.Path);
        return System.IO.Path.Combine(System.IO.Path.GetDirectoryName(options.Path) ?? "", name);
    }

    /// <summary>
    /// Runs what writes: a transaction that begins as one that writes, and commits where it returns true.
    /// </summary>
    /// <param name="isDurable">Whether the commit is synced before it returns.</param>
    /// <param name="write">Writes; returns whether to commit.</param>
    /// <param name="cancellationToken">Honoured until the transaction begins.</param>
    /// <param name="isOwn">Whether it has a connection of its own: what it leaves on it, ends with it.</param>
    public async Task WriteAsync(
        bool isDurable, Func<SqliteConnection, SqliteTransaction, Task<bool>> write,
        CancellationToken cancellationToken, bool isOwn = false)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // SQLite blocks: not on the caller's thread.
            await Task.Run(() => RunAsync(isDurable, isOwn, write), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Runs a read of the file as it is at one instant.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Read(read, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Creates the folder, and has the file keep a write-ahead log.</summary>
    public void Create()
    {
        try
        {
            if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path)) is { } folder)
                Directory.CreateDirectory(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException(
                $"The folder of {Path} cannot be created: {fault.Message} Create it, or choose another path.", fault);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        _disposed = true;
        _writer?.Dispose();
        _writer = null;
        ClearPool();
        _writing.Release();
    }

    private async Task RunAsync(
        bool isDurable, bool isOwn, Func<SqliteConnection, SqliteTransaction, Task<bool>> write)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            if (_mustReopen) CloseWriter();
            _mustReopen = false;

            // It stays open beside one of the write's own: the last one to close would copy the whole log.
            _writer ??= Open(isWriter: true);
            using var own = isOwn ? Open(isWriter: true, isPooled: false) : null;
            var connection = own ?? _writer;
            Execute(connection, isDurable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            await using var transaction = connection.BeginTransaction(deferred: false);
            if (await write(connection, transaction).ConfigureAwait(false)) transaction.Commit();
        }
        catch (SqliteException fault)
        {
            CloseWriter();
            throw Map(fault);
        }
        catch
        {
            // Whatever has failed in the transaction, the next one begins on a connection without one.
            CloseWriter();
            throw;
        }
    }

    private T Read<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            using var connection = Open(isWriter: false);
            using var transaction = connection.BeginTransaction(deferred: true);
            using var registration = cancellationToken.Register(() => raw.sqlite3_interrupt(connection.Handle));
            return read(connection);
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (SqliteException fault)
        {
            throw Map(fault);
        }
    }

    private SqliteConnection Open(bool isWriter, bool isPooled = true)
    {
        var connection = new SqliteConnection(isPooled ? _connectionString : _ownConnectionString);
        try
        {
            connection.Open();
            Execute(connection, $"PRAGMA busy_timeout = {_options.BusyTimeoutMs}");
            if (!isWriter) return connection;
            ModelSchema.ThrowIfOtherKind(connection, Path);
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL";
            if (command.ExecuteScalar() is not "wal")
                throw new StoreUnavailableException(
                    $"{Path} cannot have a write-ahead log. Choose a path on a local disk.");
            Execute(connection, $"PRAGMA journal_size_limit = {WalBytesMax}");
            Execute(connection, $"PRAGMA cache_size = -{WriterCacheKibibytes}");
            Execute(connection, $"PRAGMA wal_autocheckpoint = {WalPages}");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private GranaryException Map(SqliteException fault)
    {
        // What is opened next opens the file that the path leads to then, also where another one was put there.
        if (!SqliteErrors.IsLocked(fault))
        {
            ClearPool();
            _mustReopen = true;
        }

        return fault.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB
            ? new StoreCorruptException(
                $"{Path} is damaged, or no SQLite database. Stop what uses it. Put a backup of it in its place, and "
                + $"move {Path}-wal away; or move both away: projections are then derived again, and reactors begin "
                + "at the end of the log.", fault)
            : SqliteErrors.Map(fault, Path);
    }

    private void ClearPool()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private void CloseWriter()
    {
        _writer?.Dispose();
        _writer = null;
    }

    private static void Execute(SqliteConnection connection, string pragma)
    {
        using var command = connection.CreateCommand();
        command.CommandText = pragma;
        command.ExecuteNonQuery();
    }
}
