using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>How the values of columns are kept in SQLite, so that its order is theirs.</summary>
internal static class ModelColumns
{
    // 15 digits: so what is read is written as the same number again.
    private const string DecimalFormat = "E14";
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.ffffffZ";

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    public static string TypeOf(ModelColumnKind kind) => kind switch
    {
        ModelColumnKind.Text or ModelColumnKind.Time => "TEXT",
        ModelColumnKind.Integer or ModelColumnKind.Boolean => "INTEGER",
        _ => "REAL",
    };

    /// <summary>A normalized value as SQLite keeps it.</summary>
    public static object Write(object? value) => value switch
    {
        null => DBNull.Value,
        bool flag => flag ? 1L : 0L,
        DateTimeOffset time => time.UtcDateTime.ToString(TimeFormat, Invariant),
        decimal number => double.Parse(number.ToString(DecimalFormat, Invariant), Invariant),
        _ => value,
    };

    /// <summary>A value as it was before.</summary>
    public static object? Read(ModelColumn column, SqliteDataReader reader, int ordinal)
    {
        if (reader.IsDBNull(ordinal)) return null;
        return column.Kind switch
        {
            ModelColumnKind.Text => reader.GetString(ordinal),
            ModelColumnKind.Integer => reader.GetInt64(ordinal),
            ModelColumnKind.Number => reader.GetDouble(ordinal),
            ModelColumnKind.Decimal => decimal.Parse(
                reader.GetDouble(ordinal).ToString(DecimalFormat, Invariant), NumberStyles.Float, Invariant),
            ModelColumnKind.Boolean => reader.GetInt64(ordinal) != 0,
            _ => DateTimeOffset.ParseExact(
                reader.GetString(ordinal), TimeFormat, Invariant,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
        };
    }
}
