namespace Granary.Storage.AzureStorage;

/// <summary>The values of columns, as they are stored.</summary>
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
}
