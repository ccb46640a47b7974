using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>
/// The one session that writes, and the turns at it. A write runs on its caller's thread: SQLite knows no other way,
/// and the appender's writers have threads of their own.
/// </summary>
/// <param name="database">The file.</param>
/// <param name="reset">Forgets what is known of the file in memory; called after a failure.</param>
internal sealed class SqliteWriter(SqliteDatabase database, Action reset) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private SqliteSession? _session;
    private bool _disposed;

    /// <summary>Runs a write in a transaction of its own; committed and synced when it returns.</summary>
    /// <exception cref="GranaryException">SQLite failed; nothing of it was written, or that is unknown.</exception>
    public ValueTask WriteAsync(Action<SqliteSession> write, CancellationToken cancellationToken) =>
        UseAsync(session => session.Write(write), cancellationToken);

    /// <summary>
    /// Uses the session outside of a transaction. After a failure it is opened anew: nothing half-known stays.
    /// </summary>
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
        catch (Exception fault) when (fault is SqliteException or StoreCorruptException)
        {
            _session?.Dispose();
            _session = null;
            reset();
            if (fault is SqliteException sqlite) throw database.Map(sqlite);
            throw;
        }
    }
}
