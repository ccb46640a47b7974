using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Granary.Storage.Sqlite;

/// <summary>
/// A prepared statement, kept open and used again. It calls SQLite directly: the driver's commands cost more than
/// what they run, box every value and copy every blob. Parameters count from 1, columns from 0. It belongs to a
/// session, which one thread at a time uses and which disposes it.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly nint _handle;

    public Statement(sqlite3 database, string sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
        _handle = _statement.DangerousGetHandle();
    }

    public Statement Bind(int at, long value)
    {
        Check(NativeStatement.BindInt64(_handle, at, value));
        return this;
    }

    public Statement Bind(int at, ReadOnlySpan<byte> value)
    {
        // An empty span would be bound as NULL.
        Check(value.Length switch
        {
            0 => raw.sqlite3_bind_zeroblob(_statement, at, 0),
            <= NativeStatement.SmallMax => NativeStatement.BindSmallBlob(_handle, at, value),
            _ => raw.sqlite3_bind_blob(_statement, at, value),
        });
        return this;
    }

    public Statement Bind(int at, in Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return Bind(at, bytes);
    }

    public Statement BindNull(int at)
    {
        Check(NativeStatement.BindNull(_handle, at));
        return this;
    }

    /// <summary>Binds text as its bytes: it may hold NUL.</summary>
    public Statement BindText(int at, string value)
    {
        Check(raw.sqlite3_bind_text(_statement, at, Encoding.UTF8.GetBytes(value)));
        return this;
    }

    /// <summary>Goes to the next row; false after the last.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW) return true;
        if (code == raw.SQLITE_DONE) return false;
        raw.sqlite3_reset(_statement);
        Check(code);
        return false;
    }

    /// <summary>Makes it ready to be bound and run again, and releases what it held.</summary>
    public void Reset() => raw.sqlite3_reset(_statement);

    /// <summary>Runs it to its end.</summary>
    public void Execute()
    {
        while (Step())
        {
        }

        Reset();
    }

    /// <summary>Runs it for one number; null where there is no row, or no number in it.</summary>
    public long? Scalar()
    {
        try
        {
            return Step() && raw.sqlite3_column_type(_statement, 0) == raw.SQLITE_INTEGER ? Int64(0) : null;
        }
        finally
        {
            Reset();
        }
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => NativeStatement.ColumnInt64(_handle, column);

    /// <summary>The bytes of a blob or a text; valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => NativeStatement.ColumnBlob(_handle, column);

    public string Text(int column) => Encoding.UTF8.GetString(Blob(column));

    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            SqliteException.ThrowExceptionForRC(code, _database);
    }
}
