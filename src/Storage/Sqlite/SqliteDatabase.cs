using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>The file: opens connections to it and maps their errors.</summary>
internal sealed class SqliteDatabase(SqliteStoreOptions options)
{
    private readonly string _readers = new SqliteConnectionStringBuilder
    {
        DataSource = options.Path,
        Mode = SqliteOpenMode.ReadWrite,
        DefaultTimeout = TimeoutSeconds(options),
        Pooling = true,
    }.ToString();

    private readonly string _writer = new SqliteConnectionStringBuilder
    {
        DataSource = options.Path,
        Mode = SqliteOpenMode.ReadWriteCreate,
        DefaultTimeout = TimeoutSeconds(options),
        Pooling = false,
    }.ToString();

    public SqliteStoreOptions Options => options;

    /// <summary>Opens the connection that writes; every commit of it is synced before it returns.</summary>
    public SqliteConnection OpenWriter()
    {
        var connection = new SqliteConnection(_writer);
        try
        {
            connection.Open();
            Execute(connection, string.Create(
                CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {options.BusyTimeoutMs}"));
            Execute(connection, "PRAGMA page_size = 8192");
            Execute(connection, "PRAGMA journal_mode = WAL");
            Execute(connection, "PRAGMA synchronous = FULL");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs a read on a pooled connection, inside one transaction: it sees one instant.</summary>
    public T Read<T>(Func<SqliteConnection, T> read) => Guard(() =>
    {
        using var connection = new SqliteConnection(_readers);
        connection.Open();
        using var transaction = connection.BeginTransaction(deferred: true);
        return read(connection);
    });

    public T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException fault)
        {
            throw SqliteErrors.Map(fault, options.Path);
        }
    }

    public void ReleaseReaders()
    {
        using var connection = new SqliteConnection(_readers);
        SqliteConnection.ClearPool(connection);
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Scalar(SqliteConnection connection, string sql, params ReadOnlySpan<(string, object)> parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteScalar() is long value ? value : 0;
    }

    public static SqliteCommand Command(
        SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }

    // The driver's own waiting, in whole seconds, on top of SQLite's.
    private static int TimeoutSeconds(SqliteStoreOptions options) => Math.Max(1, options.BusyTimeoutMs / 1000);
}
