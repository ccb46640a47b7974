using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>
/// A connection with its prepared statements. Used by one thread at a time; after a failure it is thrown away.
/// </summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly sqlite3 _database;
    private readonly List<Statement> _statements = [];
    private readonly Lazy<Statement> _beginWrite;
    private readonly Lazy<Statement> _beginRead;
    private readonly Lazy<Statement> _commit;
    private readonly Lazy<Statement> _rollback;

    public SqliteSession(sqlite3 database, int partitions)
    {
        _database = database;
        _beginWrite = Later("BEGIN IMMEDIATE");
        _beginRead = Later("BEGIN");
        _commit = Later("COMMIT");
        _rollback = Later("ROLLBACK");
        Names = new NameStatements(this);
        Index = new IndexStatements(this);
        Snapshots = new SnapshotStatements(this);
        Logs = [.. Enumerable.Range(0, partitions).Select(at => new LogStatements(this, new LogPartition(at)))];
    }

    public NameStatements Names { get; }

    public IndexStatements Index { get; }

    public SnapshotStatements Snapshots { get; }

    public IReadOnlyList<LogStatements> Logs { get; }

    /// <summary>A statement that is prepared when it is first used, and kept.</summary>
    public Lazy<Statement> Later(string sql) => new(
        () =>
        {
            var statement = new Statement(_database, sql);
            _statements.Add(statement);
            return statement;
        },
        LazyThreadSafetyMode.None);

    /// <summary>Runs a write in a transaction that holds the file's write lock from its beginning.</summary>
    public void Write(Action<SqliteSession> write)
    {
        _beginWrite.Value.Execute();
        try
        {
            write(this);
            _commit.Value.Execute();
        }
        catch
        {
            Rollback();
            throw;
        }
    }

    /// <summary>Runs a read that sees one instant.</summary>
    public T Read<T>(Func<SqliteSession, T> read)
    {
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
        var code = raw.sqlite3_exec(_database, sql);
        if (code != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(code, _database);
    }

    /// <summary>Runs SQL once for a number; 0 where it gives none.</summary>
    public long Scalar(string sql)
    {
        using var statement = new Statement(_database, sql);
        return statement.Scalar() ?? 0;
    }

    /// <summary>Moves what the write-ahead log holds into the file; how much of it, in pages, is left.</summary>
    public int Checkpoint()
    {
        var code = raw.sqlite3_wal_checkpoint_v2(
            _database, null, raw.SQLITE_CHECKPOINT_PASSIVE, out var pages, out var done);
        if (code is not (raw.SQLITE_OK or raw.SQLITE_BUSY))
            SqliteException.ThrowExceptionForRC(code, _database);
        return Math.Max(0, pages - done);
    }

    public void Dispose()
    {
        foreach (var statement in _statements) statement.Dispose();
        _database.Dispose();
    }

    // SQLite has rolled back by itself after some errors: a full disk is one.
    private void Rollback()
    {
        if (raw.sqlite3_get_autocommit(_database) != 0) return;
        foreach (var statement in _statements) statement.Reset();
        _rollback.Value.Execute();
    }
}
