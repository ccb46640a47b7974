using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>The tables of the file of models.</summary>
internal static class ModelSchema
{
    /// <summary>The version of the schema that this code writes and reads.</summary>
    public const int Version = 1;

    private const string Own = """
        CREATE TABLE IF NOT EXISTS granary_models (version INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS granary_tables (name TEXT PRIMARY KEY, columns TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS granary_checkpoints (
          name TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL, epoch INTEGER NOT NULL,
          store_id TEXT NOT NULL, event_id TEXT NOT NULL, commit_id INTEGER NOT NULL,
          PRIMARY KEY (name, partition)) WITHOUT ROWID;
        """;

    /// <summary>Checks that a file is new or one of models, before anything of it is changed.</summary>
    /// <exception cref="StoreSchemaException">It is of another kind.</exception>
    public static void ThrowIfOtherKind(SqliteConnection connection, string path)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*), max(name = 'granary_models') FROM sqlite_schema";
        using var reader = command.ExecuteReader();
        reader.Read();
        if (reader.GetInt64(0) > 0 && reader.GetInt64(1) == 0)
            throw new StoreSchemaException(
                $"{path} is a SQLite file of another kind, and no models are kept in it. Choose another path.");
    }

    /// <summary>Creates the file's own tables where they are not there.</summary>
    /// <exception cref="StoreSchemaException">The file was written by a newer Granary.</exception>
    public static void Ensure(SqliteConnection connection, SqliteTransaction transaction, string path)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = Own;
        command.ExecuteNonQuery();
        command.CommandText = "SELECT max(version) FROM granary_models";
        var found = command.ExecuteScalar();
        if (found is long version && version > Version)
            throw new StoreSchemaException(
                $"{path} has schema {version} of a newer Granary; this one knows {Version}. Update this silo.");
        if (found is long) return;
        command.CommandText = $"INSERT INTO granary_models (version) VALUES ({Version})";
        command.ExecuteNonQuery();
    }

    /// <summary>Creates a table of models where it is not there.</summary>
    /// <exception cref="StoreSchemaException">It is there with other columns, or a view has its name.</exception>
    public static void CreateTable(SqliteConnection connection, SqliteTransaction transaction, ModelTable table)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        var columns = Describe(table);
        command.CommandText = "SELECT columns FROM granary_tables WHERE name = $name";
        command.Parameters.AddWithValue("$name", table.Name);
        if (command.ExecuteScalar() is string there)
        {
            if (there != columns) throw ModelFaults.OtherColumns(table);
            return;
        }

        command.CommandText = "SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name = $name";
        if (command.ExecuteScalar() is not 0L) throw ModelFaults.NameOfView(table.Name);
        command.CommandText = "INSERT INTO granary_tables (name, columns) VALUES ($name, $columns)";
        command.Parameters.AddWithValue("$columns", columns);
        command.ExecuteNonQuery();
        command.Parameters.Clear();
        command.CommandText = ModelSql.Create(table);
        command.ExecuteNonQuery();
    }

    /// <summary>The columns of a table, as text.</summary>
    public static string Describe(ModelTable table) =>
        JsonSerializer.Serialize(table.Columns.Select(static one => $"{one.Name} {one.Kind}").ToArray());

    /// <summary>Drops a table of models, and the views that show it.</summary>
    public static void DropTable(SqliteConnection connection, SqliteTransaction transaction, string table)
    {
        ModelTable described = new(table);
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "DELETE FROM granary_tables WHERE name = $name";
        command.Parameters.AddWithValue("$name", table);
        if (command.ExecuteNonQuery() == 0) return;
        command.CommandText = "SELECT name FROM sqlite_schema WHERE type = 'view' "
            + "AND substr(sql, -length($end)) = $end";
        command.Parameters.AddWithValue("$end", $" FROM \"{table}\"");
        var views = new List<string>();
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read()) views.Add(reader.GetString(0));
        }

        command.Parameters.Clear();
        command.CommandText = string.Concat(views.Select(static view => $"DROP VIEW \"{view}\";"))
            + $"DROP TABLE \"{described.Name}\"";
        command.ExecuteNonQuery();
    }
}
