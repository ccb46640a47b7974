using System.Text;
using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>Reads rows and checkpoints of models.</summary>
internal static class ModelReading
{
    private const string Checkpoint = "SELECT name, partition, position, epoch, store_id, event_id, commit_id "
        + "FROM granary_checkpoints";

    public static ModelRow? FindRow(SqliteConnection connection, ModelTable table, string key) =>
        FindRows(connection, table, [key]).SingleOrDefault();

    public static IReadOnlyList<ModelRow> FindRows(
        SqliteConnection connection, ModelTable table, IEnumerable<string> keys)
    {
        ThrowIfOther(connection, table);
        using var command = connection.CreateCommand();
        command.CommandText = ModelSql.Find(table);
        var parameter = command.Parameters.Add("$key", SqliteType.Blob);
        var rows = new List<ModelRow>();
        foreach (var key in keys)
        {
            parameter.Value = Encoding.UTF8.GetBytes(key);
            using var reader = command.ExecuteReader();
            if (reader.Read()) rows.Add(RowOf(reader));
        }

        return rows;
    }

    public static ModelPage Query(SqliteConnection connection, ModelQuery query)
    {
        ThrowIfOther(connection, query.Table);
        return ModelPages.Cut(Find(connection, query).Take(query.Limit + 1), query.Limit);
    }

    public static ModelCheckpoint? FindCheckpoint(SqliteConnection connection, string name, LogPartition partition)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Checkpoint + " WHERE name = $name AND partition = $partition";
        command.Parameters.AddWithValue("$name", name);
        command.Parameters.AddWithValue("$partition", partition.Value);
        using var reader = command.ExecuteReader();
        return reader.Read() ? CheckpointOf(reader) : null;
    }

    public static IReadOnlyList<ModelCheckpoint> ReadCheckpoints(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Checkpoint;
        using var reader = command.ExecuteReader();
        var all = new List<ModelCheckpoint>();
        while (reader.Read()) all.Add(CheckpointOf(reader));
        return all;
    }

    /// <summary>Checks that a table is there, with its columns.</summary>
    /// <exception cref="StoreSchemaException">It is not.</exception>
    public static void ThrowIfOther(SqliteConnection connection, ModelTable table)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT columns FROM granary_tables WHERE name = $name";
        command.Parameters.AddWithValue("$name", table.Name);
        var columns = command.ExecuteScalar() as string ?? throw ModelFaults.NoTable(table.Name);
        if (columns != ModelSchema.Describe(table)) throw ModelFaults.OtherColumns(table);
    }

    private static IEnumerable<(ModelRow Row, object? Value)> Find(SqliteConnection connection, ModelQuery query)
    {
        foreach (var sql in ModelSql.Queries(query))
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.Parameters.AddWithValue("$limit", query.Limit + 1);
            for (var at = 0; at < query.Conditions.Count; at++)
                command.Parameters.AddWithValue($"$w{at}", ValueOf(query.Conditions[at]));
            if (query.After is { } after)
            {
                command.Parameters.AddWithValue("$key", Encoding.UTF8.GetBytes(after.Key));
                command.Parameters.AddWithValue(
                    "$value", ModelColumns.Write(query.OrderBy?.Normalize(after.Value)));
            }

            using var reader = command.ExecuteReader();
            while (reader.Read())
                yield return (RowOf(reader), query.OrderBy is { } by ? ModelColumns.Read(by, reader, 5) : null);
        }
    }

    private static object ValueOf(ModelCondition condition) => condition.Column is { } column
        ? ModelColumns.Write(column.Normalize(condition.Value))
        : Encoding.UTF8.GetBytes((string)condition.Value!);

    private static ModelRow RowOf(SqliteDataReader reader) => new(
        Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(0)),
        reader.GetFieldValue<byte[]>(1),
        new LogPosition(new LogPartition(reader.GetInt32(2)), new GlobalPosition(reader.GetInt64(3))),
        reader.GetInt64(4));

    private static ModelCheckpoint CheckpointOf(SqliteDataReader reader) => new(
        reader.GetString(0),
        new LogPartition(reader.GetInt32(1)),
        new GlobalPosition(reader.GetInt64(2)),
        reader.GetInt64(3),
        Guid.Parse(reader.GetString(4)),
        Guid.Parse(reader.GetString(5)),
        reader.GetInt64(6));
}
