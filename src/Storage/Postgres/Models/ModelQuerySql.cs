using Npgsql;

namespace Granary.Storage.Postgres;

/// <summary>The statement of a query of models.</summary>
internal sealed class ModelQuerySql(ModelQuery query, ModelStatements statements)
{
    private readonly List<NpgsqlParameter> _arguments = [];

    /// <summary>
    /// The rows of the page, with the value that orders them, and how many there are up to one after the page.
    /// </summary>
    public NpgsqlBatchCommand Build()
    {
        var column = query.OrderBy is { } order ? $"\"{order.Name}\"" : null;
        var direction = query.Descending ? "DESC" : "ASC";
        var nulls = query.Descending ? "DESC NULLS LAST" : "ASC NULLS FIRST";
        string By(string? value) => value is null ? $"key {direction}" : $"{value} {nulls}, key {direction}";
        var conditions = query.Conditions.Select(Condition).ToList();
        var limit = Add(ModelStatements.Int(query.Limit + 1));
        var parts = Parts(column).Select(part =>
        {
            List<string> all = [.. conditions, .. part is null ? Array.Empty<string>() : [part]];
            var where = all.Count == 0 ? "" : $" WHERE {string.Join(" AND ", all)}";
            return $"(SELECT {ModelStatements.RowColumns}, {column ?? "NULL"} AS value "
                + $"FROM {statements.NameOf(query.Table)}{where} ORDER BY {By(column)} LIMIT {limit})";
        });
        var outer = By(column is null ? null : "value");
        var bytes = Add(ModelStatements.Long(GranaryLimits.PageBytesMax));
        return ModelStatements.Command(
            $"""
            WITH found AS MATERIALIZED (
              SELECT * FROM ({string.Join(" UNION ALL ", parts)}) AS parts ORDER BY {outer} LIMIT {limit}
            ), texts AS MATERIALIZED (
              SELECT key, document::text AS document, partition, "position", revision, value FROM found
            )
            SELECT {ModelStatements.RowColumns}, value, (SELECT count(*) FROM found)
            FROM (
              SELECT t.*, row_number() OVER upto AS at, sum(octet_length(t.document)) OVER upto AS bytes
              FROM texts t WINDOW upto AS (ORDER BY {outer} ROWS UNBOUNDED PRECEDING)
            ) AS sized
            WHERE at = 1 OR at < {limit} AND bytes <= {bytes}
            ORDER BY {outer}
            """,
            _arguments);
    }

    // What comes after the cursor: by one range of the index, or by two of them, of the rows with and without a value.
    private IEnumerable<string?> Parts(string? column)
    {
        var after = query.Descending ? "<" : ">";
        if (query.After is not { } cursor) return [null];
        var key = Add(ModelStatements.Text(ModelKeys.Compared(cursor.Key)));
        if (column is null) return [$"key {after} {key}"];
        var value = query.OrderBy!.Normalize(cursor.Value) is { } given
            ? Add(ModelColumnTypes.Argument(query.OrderBy.Kind, given)) : null;
        var with = $"({column}, key) {after} ({value}, {key})";
        var without = $"{column} IS NULL AND key {after} {key}";
        return (value is null, query.Descending) switch
        {
            (true, true) => [without],
            (true, false) => [without, $"{column} IS NOT NULL"],
            (false, true) => [with, $"{column} IS NULL"],
            (false, false) => [with],
        };
    }

    private string Condition(ModelCondition condition)
    {
        var sign = condition.Comparison switch
        {
            ModelComparison.Equal => "=",
            ModelComparison.Less => "<",
            ModelComparison.LessOrEqual => "<=",
            ModelComparison.Greater => ">",
            ModelComparison.GreaterOrEqual => ">=",
            _ => throw new ArgumentOutOfRangeException(nameof(condition)),
        };
        if (condition.Column is not { } column)
        {
            var text = (string)condition.Value!;
            if (condition.Comparison == ModelComparison.Equal && !UnicodeText.IsWellFormed(text)) return "false";
            return $"key {sign} {Add(ModelStatements.Text(ModelKeys.Compared(text)))}";
        }

        if (column.Normalize(condition.Value) is { } value)
            return $"\"{column.Name}\" {sign} {Add(ModelColumnTypes.Argument(column.Kind, value))}";
        return condition.Comparison == ModelComparison.Equal ? $"\"{column.Name}\" IS NULL" : "false";
    }

    private string Add(NpgsqlParameter argument)
    {
        _arguments.Add(argument);
        return $"${_arguments.Count}";
    }
}
