using Npgsql;
using NpgsqlTypes;

namespace Granary.Storage.Postgres;

/// <summary>What the columns of models are in the database.</summary>
internal static class ModelColumnTypes
{
    /// <summary>A table's columns, as the database knows them: to tell whether they are others.</summary>
    public static string Describe(ModelTable table) =>
        string.Join(", ", table.Columns.Select(static one => $"{one.Name} {SqlOf(one.Kind)}"));

    /// <summary>The type with what is said of it where a column is created.</summary>
    public static string Declare(ModelColumnKind kind) =>
        kind == ModelColumnKind.Text ? "text COLLATE \"C\"" : SqlOf(kind);

    public static string SqlOf(ModelColumnKind kind) => kind switch
    {
        ModelColumnKind.Text => "text",
        ModelColumnKind.Integer => "bigint",
        ModelColumnKind.Number => "double precision",
        ModelColumnKind.Decimal => "numeric",
        ModelColumnKind.Boolean => "boolean",
        ModelColumnKind.Time => "timestamptz",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>A value that a column is compared with.</summary>
    public static NpgsqlParameter Argument(ModelColumnKind kind, object value) =>
        new() { Value = value, NpgsqlDbType = TypeOf(kind) };

    /// <summary>The values of one column of several rows.</summary>
    public static NpgsqlParameter Arguments(ModelColumnKind kind, IEnumerable<object?> values) => kind switch
    {
        ModelColumnKind.Text => Array(kind, values.Select(static one => (string?)one).ToArray()),
        ModelColumnKind.Integer => Array(kind, values.Select(static one => (long?)one).ToArray()),
        ModelColumnKind.Number => Array(kind, values.Select(static one => (double?)one).ToArray()),
        ModelColumnKind.Decimal => Array(kind, values.Select(static one => (decimal?)one).ToArray()),
        ModelColumnKind.Boolean => Array(kind, values.Select(static one => (bool?)one).ToArray()),
        ModelColumnKind.Time => Array(kind, values.Select(static one => (DateTimeOffset?)one).ToArray()),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>A column's value in a row that was read.</summary>
    public static object? Read(NpgsqlDataReader row, int at, ModelColumnKind kind) =>
        row.IsDBNull(at) ? null
        : kind == ModelColumnKind.Time ? row.GetFieldValue<DateTimeOffset>(at)
        : row.GetValue(at);

    private static NpgsqlParameter Array<T>(ModelColumnKind kind, T[] values) =>
        new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | TypeOf(kind) };

    private static NpgsqlDbType TypeOf(ModelColumnKind kind) => kind switch
    {
        ModelColumnKind.Text => NpgsqlDbType.Text,
        ModelColumnKind.Integer => NpgsqlDbType.Bigint,
        ModelColumnKind.Number => NpgsqlDbType.Double,
        ModelColumnKind.Decimal => NpgsqlDbType.Numeric,
        ModelColumnKind.Boolean => NpgsqlDbType.Boolean,
        ModelColumnKind.Time => NpgsqlDbType.TimestampTz,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
