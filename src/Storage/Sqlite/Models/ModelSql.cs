using System.Text;

namespace Granary.Storage.Sqlite;

/// <summary>
/// The statements for a table of models. Names of tables and columns are checked where they are described, and quoted;
/// every value is a parameter. Keys and documents are bytes of UTF-8: as text, a character U+0000 would end them.
/// </summary>
internal static class ModelSql
{
    public const string Row = "CAST(key AS BLOB), CAST(document AS BLOB), partition, position, revision";

    public static string Create(ModelTable table)
    {
        var sql = new StringBuilder($"CREATE TABLE \"{table.Name}\" (key TEXT PRIMARY KEY NOT NULL, "
            + "document TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL, "
            + "revision INTEGER NOT NULL");
        foreach (var column in table.Columns) sql.Append($", \"{column.Name}\" {ModelColumns.TypeOf(column.Kind)}");
        sql.Append(");");
        foreach (var column in table.Columns)
            sql.Append($"CREATE INDEX \"{table.Name}__{column.Name}\" ON \"{table.Name}\" (\"{column.Name}\", key);");
        return sql.ToString();
    }

    public static string Insert(ModelTable table)
    {
        var names = string.Concat(table.Columns.Select(static one => $", \"{one.Name}\""));
        var values = string.Concat(table.Columns.Select(static (_, at) => $", $c{at}"));
        return $"INSERT INTO \"{table.Name}\" (key, document, partition, position, revision{names}) VALUES "
            + $"(CAST($key AS TEXT), CAST($document AS TEXT), $partition, $position, $revision{values}) "
            + "ON CONFLICT (key) DO NOTHING";
    }

    public static string Update(ModelTable table)
    {
        var columns = string.Concat(table.Columns.Select(static (one, at) => $", \"{one.Name}\" = $c{at}"));
        return $"UPDATE \"{table.Name}\" SET document = CAST($document AS TEXT), partition = $partition, "
            + $"position = $position, revision = $revision{columns} "
            + "WHERE key = CAST($key AS TEXT) AND revision = $expected";
    }

    public static string Delete(ModelTable table) =>
        $"DELETE FROM \"{table.Name}\" WHERE key = CAST($key AS TEXT) AND revision = $expected";

    public static string Find(ModelTable table) =>
        $"SELECT {Row} FROM \"{table.Name}\" WHERE key = CAST($key AS TEXT)";

    /// <summary>
    /// The statements of a query, to be run one after the other until the page is full: each uses an index, also where
    /// the page begins among rows without a value.
    /// </summary>
    public static IEnumerable<string> Queries(ModelQuery query)
    {
        var where = query.Conditions.Select(Condition).ToList();
        var (column, order) = (query.OrderBy is { } by ? $"\"{by.Name}\"" : null, query.Descending ? " DESC" : "");
        var sign = query.Descending ? "<" : ">";
        var orderBy = column is null ? $"key{order}" : $"{column}{order}, key{order}";
        var value = column is null ? "" : $", {column}";
        foreach (var segment in Segments(query, column, sign))
        {
            IEnumerable<string> all = segment is null ? where : [.. where, segment];
            var filter = string.Join(" AND ", all);
            yield return $"SELECT {Row}{value} FROM \"{query.Table.Name}\""
                + (filter.Length > 0 ? $" WHERE {filter}" : "") + $" ORDER BY {orderBy} LIMIT $limit";
        }
    }

    private static IEnumerable<string?> Segments(ModelQuery query, string? column, string sign) =>
        (query.After, column, query.Descending) switch
        {
            (null, _, _) => [null],
            (_, null, _) => [$"key {sign} CAST($key AS TEXT)"],
            ({ Value: null }, _, false) =>
                [$"{column} IS NULL AND key > CAST($key AS TEXT)", $"{column} IS NOT NULL"],
            ({ Value: null }, _, true) => [$"{column} IS NULL AND key < CAST($key AS TEXT)"],
            (_, _, false) => [$"({column}, key) > ($value, CAST($key AS TEXT))"],
            _ => [$"({column}, key) < ($value, CAST($key AS TEXT))", $"{column} IS NULL"],
        };

    private static string Condition(ModelCondition condition, int at)
    {
        var (left, right) = condition.Column is { } column
            ? ($"\"{column.Name}\"", $"$w{at}")
            : ("key", $"CAST($w{at} AS TEXT)");
        return condition.Comparison switch
        {
            ModelComparison.Equal => $"{left} IS {right}",
            ModelComparison.Less => $"{left} < {right}",
            ModelComparison.LessOrEqual => $"{left} <= {right}",
            ModelComparison.Greater => $"{left} > {right}",
            ModelComparison.GreaterOrEqual => $"{left} >= {right}",
            _ => throw new ArgumentOutOfRangeException(nameof(condition)),
        };
    }
}
