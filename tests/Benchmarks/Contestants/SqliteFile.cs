using Microsoft.Data.Sqlite;

namespace Granary.Benchmarks;

/// <summary>SQLite files as durable as all durable contestants are: WAL, and a sync with every commit.</summary>
internal static class SqliteFile
{
    private const long Full = 2;

    /// <summary>A connection string that any driver may use on a file that <see cref="Prepare"/> has made.</summary>
    public static string ConnectionString(string path) =>
        new SqliteConnectionStringBuilder { DataSource = path }.ToString();

    /// <summary>Makes the file, in WAL mode, and checks that whoever opens it syncs in full.</summary>
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
