using Npgsql;
using NpgsqlTypes;

namespace Granary.Storage.Postgres;

/// <summary>The statements of a commit and of a read of models. Every name in them was checked and is quoted.</summary>
internal sealed class ModelStatements(string schema)
{
    /// <summary>The rows of a statement's answer, before the value that orders them.</summary>
    public const string RowColumns = "key, document, partition, \"position\", revision";

    /// <summary>A call of a function.</summary>
    public NpgsqlBatchCommand Call(string function, params IReadOnlyList<NpgsqlParameter> arguments) => Command(
        $"SELECT {schema}.{function}({string.Join(", ", Enumerable.Range(1, arguments.Count).Select(at => $"${at}"))})",
        arguments);

    /// <summary>A statement with its arguments.</summary>
    public static NpgsqlBatchCommand Command(string sql, params IReadOnlyList<NpgsqlParameter> arguments)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var one in arguments) command.Parameters.Add(one);
        return command;
    }

    public string NameOf(ModelTable table) => $"{schema}.\"{table.Name}\"";

    /// <summary>Checks that a table is there with its columns, for the statements that follow.</summary>
    public NpgsqlBatchCommand Use(ModelTable table) =>
        Call("use_model_table", Text(table.Name), Text(ModelColumnTypes.Describe(table)));

    public NpgsqlBatchCommand Read(ModelTable table, IEnumerable<string> keys) =>
        Command($"SELECT {RowColumns} FROM {NameOf(table)} WHERE key = ANY ($1)", Keys(keys));

    /// <summary>Locks rows in the order of their keys, in which every commit does.</summary>
    public NpgsqlBatchCommand Lock(ModelTable table, IEnumerable<string> keys) => Command(
        $"SELECT count(*) FROM (SELECT FROM {NameOf(table)} WHERE key = ANY ($1) ORDER BY key FOR UPDATE) AS locked",
        Keys(keys));

    /// <summary>Writes rows, which are in the order of their keys.</summary>
    public NpgsqlBatchCommand Put(ModelTable table, IReadOnlyList<ModelWrite> puts, byte[][] documents, long revision)
    {
        // The arguments are g.a1 and so on: a column may have any name.
        var columns = table.Columns.Select(static one => $"\"{one.Name}\"").ToList();
        string[] names = ["document", "partition", "\"position\"", .. columns];
        var values = Enumerable.Range(3, names.Length).Select(static at => $"g.a{at}").ToList();
        var types = table.Columns.Select(static one => $"{ModelColumnTypes.SqlOf(one.Kind)}[]");
        string[] arrays = ["text[]", "bigint[]", "jsonb[]", "integer[]", "bigint[]", .. types];
        var marks = string.Join(", ", arrays.Select(static (type, at) => $"${at + 1}::{type}"));
        var aliases = string.Join(", ", arrays.Select(static (_, at) => $"a{at + 1}"));
        var (written, counted) = ($"${arrays.Length + 1}", $"${arrays.Length + 2}");
        return Command(
            $"""
            WITH given AS MATERIALIZED (SELECT * FROM unnest({marks}) AS g({aliases})),
            updated AS (
              UPDATE {NameOf(table)} AS t
              SET {string.Join(", ", names.Zip(values, static (name, value) => $"{name} = {value}"))},
                revision = {written}
              FROM given g WHERE g.a2 > 0 AND t.key = g.a1 AND t.revision = g.a2 RETURNING 1
            ), inserted AS (
              INSERT INTO {NameOf(table)} (key, {string.Join(", ", names)}, revision)
              SELECT g.a1, {string.Join(", ", values)}, {written} FROM given g WHERE g.a2 = 0
              ORDER BY g.a1 COLLATE "C" ON CONFLICT (key) DO NOTHING RETURNING 1
            )
            SELECT {schema}.check_rows((SELECT count(*) FROM updated) + (SELECT count(*) FROM inserted), {counted})
            """,
            [
                Keys(puts.Select(static one => one.Key)), Longs(puts.Select(static one => one.ExpectedRevision)),
                new NpgsqlParameter { Value = documents, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
                new NpgsqlParameter<int[]> { TypedValue = [.. puts.Select(one => one.Position.Partition.Value)] },
                Longs(puts.Select(static one => one.Position.Position.Value)),
                .. table.Columns.Select((one, at) =>
                    ModelColumnTypes.Arguments(one.Kind, puts.Select(put => put.Values[at]))),
                Long(revision), Long(puts.Count),
            ]);
    }

    /// <summary>Deletes rows that are locked.</summary>
    public NpgsqlBatchCommand Delete(ModelTable table, IReadOnlyList<ModelWrite> deletions) => Command(
        $"""
        WITH deleted AS (
          DELETE FROM {NameOf(table)} AS t USING unnest($1::text[], $2::bigint[]) AS g(key, revision)
          WHERE t.key = g.key AND t.revision = g.revision RETURNING 1
        )
        SELECT {schema}.check_rows((SELECT count(*) FROM deleted), $3)
        """,
        Keys(deletions.Select(static one => one.Key)), Longs(deletions.Select(static one => one.ExpectedRevision)),
        Long(deletions.Count));

    /// <summary>Whether the rows that a commit writes are as it left them.</summary>
    public NpgsqlBatchCommand HasLanded(ModelTable table, IReadOnlyList<ModelWrite> writes, long revision) => Command(
        $"""
        SELECT (SELECT count(*) FROM {NameOf(table)} WHERE key = ANY ($1) AND revision = $2) = $3
          AND NOT EXISTS (SELECT FROM {NameOf(table)} WHERE key = ANY ($4))
        """,
        Keys(writes.Where(static one => one.Document is not null).Select(static one => one.Key)), Long(revision),
        Long(writes.Count(static one => one.Document is not null)),
        Keys(writes.Where(static one => one.Document is null).Select(static one => one.Key)));

    public static NpgsqlParameter Text(string value) => new NpgsqlParameter<string> { TypedValue = value };

    public static NpgsqlParameter Long(long value) => new NpgsqlParameter<long> { TypedValue = value };

    public static NpgsqlParameter Int(int value) => new NpgsqlParameter<int> { TypedValue = value };

    private static NpgsqlParameter Longs(IEnumerable<long> values) =>
        new NpgsqlParameter<long[]> { TypedValue = [.. values] };

    private static NpgsqlParameter Keys(IEnumerable<string> keys) =>
        new NpgsqlParameter<string[]> { TypedValue = [.. keys.Select(ModelKeys.Store)] };
}
