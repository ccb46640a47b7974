using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>Sessions that read, kept open with their statements; a bounded number at once.</summary>
internal sealed class ReaderPool(SqliteDatabase database) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(database.Options.ReadersMax);
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private volatile bool _disposed;

    /// <summary>How many reads run now.</summary>
    public int Running => database.Options.ReadersMax - _slots.CurrentCount;

    /// <summary>Runs a read of the file as it is at one instant, on a thread that may block.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellationToken)
    {
        // A reader that still works on its last page must not take a slot from others.
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Read(read), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var session)) session.Dispose();
    }

    private T Read<T>(Func<SqliteSession, T> read)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        SqliteSession? session = null;
        try
        {
            if (!_idle.TryTake(out session)) session = database.OpenReader();
            var result = session.Read(read);
            _idle.Add(session);
            session = null;
            if (_disposed) Dispose();
            return result;
        }
        catch (SqliteException fault)
        {
            throw database.Map(fault);
        }
        finally
        {
            // One that failed is not used again.
            session?.Dispose();
        }
    }
}
