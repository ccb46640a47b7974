using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>
/// A connection with its prepared statements. Used by one thread at a time; discarded after a failure other than a
/// lock.
/// </summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly sqlite3 _handle;
    private readonly SqliteDatabase _database;
    private readonly List<Statement> _statements = [];
    private readonly Lazy<Statement> _beginWrite;
    private readonly Lazy<Statement> _beginRead;
    private readonly Lazy<Statement> _commit;
    private readonly Lazy<Statement> _rollback;

    public SqliteSession(sqlite3 handle, SqliteDatabase database)
    {
        (_handle, _database) = (handle, database);
        _beginWrite = PrepareLazily("BEGIN IMMEDIATE");
        _beginRead = PrepareLazily("BEGIN");
        _commit = PrepareLazily("COMMIT");
        _rollback = PrepareLazily("ROLLBACK");
        Streams = new StreamStatements(this);
        Catalog = new CatalogStatements(this);
        Index = new IndexStatements(this);
        Removals = new RemovalStatements(this);
        Leftovers = new LeftoverStatements(this);
        Checkpoints = new CheckpointStatements(this);
        Logs = [.. Enumerable.Range(0, database.Options.PartitionCount)
            .Select(at => new LogStatements(this, new LogPartition(at)))];
    }

    public StreamStatements Streams { get; }

    public CatalogStatements Catalog { get; }

    public IndexStatements Index { get; }

    public RemovalStatements Removals { get; }

    public LeftoverStatements Leftovers { get; }

    public CheckpointStatements Checkpoints { get; }

    public IReadOnlyList<LogStatements> Logs { get; }

    /// <summary>Whether the database's path leads no longer to the file that this session has open.</summary>
    public bool HasMoved => SqliteFileControl.HasMoved(_handle);

    /// <summary>A statement that is prepared when it is first used, and kept.</summary>
    public Lazy<Statement> PrepareLazily(string sql) => new(
        () =>
        {
            var statement = new Statement(_handle, sql);
            _statements.Add(statement);
            return statement;
        },
        LazyThreadSafetyMode.None);

    /// <summary>
    /// Runs a write in a transaction that holds the file's write lock from its beginning. Committed and synced when it
    /// returns true; rolled back where the write returns false.
    /// </summary>
    public bool Write(Func<SqliteSession, bool> write)
    {
        _beginWrite.Value.Execute();
        try
        {
            if (!write(this))
            {
                Rollback();
                return false;
            }

            _database.ThrowIfNotDurable(this);
            Commit();

            // Whatever was removed until now: what is acknowledged is in a file that is there.
            _database.ThrowIfNotDurable(this);
            return true;
        }
        catch
        {
            Rollback();
            throw;
        }
    }

    /// <summary>Runs a read of the file as it is at one instant.</summary>
    public T Read<T>(Func<SqliteSession, T> read)
    {
        _database.ThrowIfMoved(this);
        _beginRead.Value.Execute();
        try
        {
            return read(this);
        }
        finally
        {
            Rollback();
        }
    }

    /// <summary>Runs SQL once.</summary>
    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(_handle, sql);
        if (code != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(code, _handle);
    }

    /// <summary>Prepares a statement that the caller disposes.</summary>
    public Statement Prepare(string sql) => new(_handle, sql);

    /// <summary>Runs SQL once for a number; 0 where it returns none.</summary>
    public long Scalar(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Scalar() ?? 0;
    }

    /// <summary>
    /// Moves what the write-ahead log holds into the file, as much as readers allow, and blocks neither readers nor the
    /// writer. Does nothing while another connection does it.
    /// </summary>
    public void Checkpoint()
    {
        var code = raw.sqlite3_wal_checkpoint_v2(_handle, null, raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        if (code is not (raw.SQLITE_OK or raw.SQLITE_BUSY)) SqliteException.ThrowExceptionForRC(code, _handle);
    }

    /// <summary>
    /// Moves all that the write-ahead log holds into the file and truncates it to nothing. Writers wait meanwhile, and
    /// it waits for readers of the write-ahead log.
    /// </summary>
    /// <param name="timeoutMs">How long it waits for others, in milliseconds.</param>
    /// <returns>False where they took longer: the write-ahead log is as long as it was.</returns>
    public bool TryTruncateWal(int timeoutMs)
    {
        raw.sqlite3_busy_timeout(_handle, timeoutMs);
        try
        {
            var code = raw.sqlite3_wal_checkpoint_v2(_handle, null, raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
            if (code == raw.SQLITE_OK) return true;
            if (code != raw.SQLITE_BUSY) SqliteException.ThrowExceptionForRC(code, _handle);
            return false;
        }
        finally
        {
            raw.sqlite3_busy_timeout(_handle, _database.Options.BusyTimeoutMs);
        }
    }

    /// <summary>The exception for something in the file that contradicts itself.</summary>
    public StoreCorruptException Corrupt(string what) =>
        new($"{_database.Options.Path}: {what}. Restore the file from a backup.");

    /// <summary>Makes the statement that runs on another thread fail.</summary>
    public void Interrupt() => raw.sqlite3_interrupt(_handle);

    public void Dispose()
    {
        foreach (var statement in _statements) statement.Dispose();
        _handle.Dispose();
    }

    private void Commit()
    {
        try
        {
            _commit.Value.Execute();
        }
        catch (SqliteException)
        {
            Rollback();
            OverwriteFailedCommit();
            throw;
        }
    }

    // A commit that cannot be synced may be whole in the write-ahead log all the same. Nobody reads it there, but it
    // would be recovered if all processes ended now. Another commit takes its place, one that changes nothing; where
    // it cannot be synced either, it is still what is recovered.
    private void OverwriteFailedCommit()
    {
        try
        {
            _beginWrite.Value.Execute();
            Execute("PRAGMA user_version = 0");
            _commit.Value.Execute();
        }
        catch (SqliteException)
        {
            // The first failure is the one to be reported.
            Rollback();
        }
    }

    // SQLite has rolled back by itself after some errors: a full disk is one.
    private void Rollback()
    {
        if (raw.sqlite3_get_autocommit(_handle) != 0) return;
        foreach (var statement in _statements) statement.Reset();
        _rollback.Value.Execute();
    }
}
