namespace Granary.Storage.AzureStorage;

/// <summary>The values of columns: how they are stored, compared, and tested against conditions.</summary>
internal static class ModelValues
{
    private const byte Null = 0, Text = 1, Integer = 2, Number = 3, Decimal = 4, False = 5, True = 6, Time = 7;

    public static void Write(BinaryWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.Write(Null); break;
            case string one: writer.Write(Text); writer.Write(one); break;
            case long one: writer.Write(Integer); writer.Write(one); break;
            case double one: writer.Write(Number); writer.Write(one); break;
            case decimal one: writer.Write(Decimal); writer.Write(one); break;
            case bool one: writer.Write(one ? True : False); break;
            case DateTimeOffset one: writer.Write(Time); writer.Write(one.UtcTicks); break;
            default: throw new ArgumentException($"A column holds no {value.GetType().Name}.");
        }
    }

    /// <exception cref="InvalidDataException">It is none that was written.</exception>
    public static object? Read(BinaryReader reader) => reader.ReadByte() switch
    {
        Null => null,
        Text => reader.ReadString(),
        Integer => reader.ReadInt64(),
        Number => reader.ReadDouble(),
        Decimal => reader.ReadDecimal(),
        False => false,
        True => true,
        Time => new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero),
        var kind => throw new InvalidDataException($"A column has a value of the kind {kind}."),
    };

    /// <summary>The order of two values of a column; null is first.</summary>
    public static int Compare(object? left, object? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (string one, string other) => Utf8Order.Compare(one, other),
        _ => Comparer<object>.Default.Compare(left, right),
    };

    /// <summary>Whether a condition is true of a row.</summary>
    public static bool IsTrue(ModelCondition condition, ModelTable table, string key, IReadOnlyList<object?> values)
    {
        var (value, other) = condition.Column is { } column
            ? (values[IndexOf(table, column)], column.Normalize(condition.Value))
            : (key, condition.Value);
        if (value is null || other is null)
            return condition.Comparison == ModelComparison.Equal && value is null && other is null;
        var order = Compare(value, other);
        return condition.Comparison switch
        {
            ModelComparison.Equal => order == 0,
            ModelComparison.Less => order < 0,
            ModelComparison.LessOrEqual => order <= 0,
            ModelComparison.Greater => order > 0,
            ModelComparison.GreaterOrEqual => order >= 0,
            _ => throw new ArgumentOutOfRangeException(nameof(condition)),
        };
    }

    public static int IndexOf(ModelTable table, ModelColumn column)
    {
        for (var at = 0; at < table.Columns.Count; at++)
        {
            if (table.Columns[at] == column) return at;
        }

        throw new ArgumentException($"The table '{table.Name}' has no column '{column.Name}'.");
    }
}
