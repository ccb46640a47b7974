using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>
/// The one session that writes; one caller at a time uses it. A write blocks its caller's thread: SQLite has no
/// asynchronous calls, and the appender's writers have threads of their own.
/// </summary>
internal sealed class SqliteWriter(SqliteDatabase database) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private SqliteSession? _session;
    private bool _disposed;

    /// <summary>Runs a write in a transaction of its own; committed and synced when it returns.</summary>
    /// <exception cref="GranaryException">SQLite failed; nothing of it was written, or that is unknown.</exception>
    public ValueTask WriteAsync(Action<SqliteSession> write, CancellationToken cancellationToken) =>
        UseAsync(
            session => session.Write(writing =>
            {
                write(writing);
                return true;
            }),
            cancellationToken);

    /// <summary>Uses the session outside of a transaction; it is replaced after a failure other than a lock.</summary>
    public async ValueTask UseAsync(Action<SqliteSession> use, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Use(use);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        _disposed = true;
        _session?.Dispose();
        _session = null;
        _turn.Release();
    }

    private void Use(Action<SqliteSession> use)
    {
        try
        {
            _session ??= database.OpenWriter();
            use(_session);
        }
        catch (SqliteException fault)
        {
            // A lock was not released in time; everything that is known of the file is still true.
            if (!SqliteErrors.IsLocked(fault)) Close();
            throw database.Map(fault);
        }
        catch (StoreCorruptException)
        {
            Close();
            throw;
        }
    }

    private void Close()
    {
        _session?.Dispose();
        _session = null;
    }
}
