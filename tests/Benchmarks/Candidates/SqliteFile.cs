using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Granary.Benchmarks;

/// <summary>SQLite files as durable as all durable candidates are: WAL, and a sync with every commit.</summary>
internal static class SqliteFile
{
    private const long Full = 2;

    /// <summary>A connection string that any driver may use on a file that <see cref="Prepare"/> has made.</summary>
    public static string ConnectionString(string path) =>
        new SqliteConnectionStringBuilder { DataSource = path }.ToString();

    /// <summary>Makes the file, in WAL mode, and checks that a driver that opens it syncs in full.</summary>
    public static void Prepare(string path)
    {
        using (var connection = Open(path))
        {
        }

        // The mode stays with the file; the sync is the connection's, and its default is the library's.
        using var plain = new SqliteConnection(ConnectionString(path));
        plain.Open();
        var mode = Scalar(plain, "PRAGMA journal_mode") as string;
        var synchronous = Scalar(plain, "PRAGMA synchronous") as long?;
        if (mode != "wal" || synchronous != Full)
            throw new InvalidDataException(
                $"{path} opens with journal_mode {mode} and synchronous {synchronous}, not wal and FULL.");
    }

    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        Execute(connection, "PRAGMA page_size = 8192");
        Execute(connection, "PRAGMA journal_mode = WAL");
        Execute(connection, "PRAGMA synchronous = FULL");
        return connection;
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Count(string path, string table)
    {
        using var connection = Open(path);
        return Count(connection, table);
    }

    public static long Count(SqliteConnection connection, string table) =>
        (long)Scalar(connection, $"SELECT count(*) FROM {table}")!;

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}

/// <summary>The usual first design: a table by stream and version, synced with every transaction.</summary>
public sealed class IndexedTable : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _head;

    internal IndexedTable(string path)
    {
        _connection = SqliteFile.Open(path);
        SqliteFile.Execute(_connection,
            "CREATE TABLE events (stream INTEGER NOT NULL, version INTEGER NOT NULL, payload BLOB NOT NULL, "
            + "PRIMARY KEY (stream, version)) WITHOUT ROWID");
        _insert = Command("INSERT INTO events (stream, version, payload) VALUES ($1, $2, $3)", 3);
        _head = Command("SELECT max(version) FROM events WHERE stream = $1", 1);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _connection.Dispose();
        _turn.Dispose();
    }

    internal Task<bool> AppendAsync(long stream, int expected, IReadOnlyList<Noted> events) =>
        InTurnAsync(() => Append(stream, expected, events));

    internal Task<List<Noted>> ReadAsync(long stream) => InTurnAsync(() => Read(stream));

    internal Task<long> CountAsync() => InTurnAsync(() => SqliteFile.Count(_connection, "events"));

    private bool Append(long stream, int expected, IReadOnlyList<Noted> events)
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        _insert.Transaction = transaction;
        _head.Transaction = transaction;
        _head.Parameters[0].Value = stream;
        var head = _head.ExecuteScalar() is long last ? last : 0;
        if (head != expected) return false;
        foreach (var noted in events)
        {
            _insert.Parameters[0].Value = stream;
            _insert.Parameters[1].Value = ++head;
            _insert.Parameters[2].Value = JsonSerializer.SerializeToUtf8Bytes(noted, JsonSerializerOptions.Web);
            _insert.ExecuteNonQuery();
        }

        transaction.Commit();
        return true;
    }

    private List<Noted> Read(long stream)
    {
        using var command = Command("SELECT payload FROM events WHERE stream = $1 ORDER BY version", 1);
        command.Parameters[0].Value = stream;
        using var reader = command.ExecuteReader();
        var events = new List<Noted>();
        while (reader.Read())
            events.Add(JsonSerializer.Deserialize<Noted>(reader.GetFieldValue<byte[]>(0), JsonSerializerOptions.Web)!);
        return events;
    }

    private SqliteCommand Command(string sql, int parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        for (var at = 1; at <= parameters; at++) command.Parameters.Add(new SqliteParameter($"${at}", null));
        return command;
    }

    private async Task<T> InTurnAsync<T>(Func<T> work)
    {
        await _turn.WaitAsync();
        try
        {
            return await Task.Run(work);
        }
        finally
        {
            _turn.Release();
        }
    }
}
