using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>Splits data over the properties of a row, each of which is within the service's 64 KiB.</summary>
internal static class DataProperties
{
    /// <summary>The size of a property, in bytes.</summary>
    public const int SizeMax = 60 * 1024;

    /// <summary>What their names begin with.</summary>
    public const string Prefix = "Data";

    public static void WriteData(this TableEntity row, byte[] data)
    {
        for (var (at, offset) = (0, 0); offset < data.Length; at++, offset += SizeMax)
            row[Name(at)] = data[offset..Math.Min(data.Length, offset + SizeMax)];
    }

    public static byte[] ReadData(this TableEntity row)
    {
        var parts = new List<byte[]>();
        while (row.TryGetValue(Name(parts.Count), out var value) && value is byte[] part) parts.Add(part);
        return parts.Count == 1 ? parts[0] : [.. parts.SelectMany(static part => part)];
    }

    /// <summary>Bytes under a name; null where there are none.</summary>
    /// <exception cref="StoreCorruptException">Something else is there.</exception>
    public static byte[]? FindBytes(this TableEntity row, string name) =>
        !row.TryGetValue(name, out var value) || value is null ? null : value as byte[] ?? throw RowSum.Damaged(row);

    private static string Name(int at) => at == 0 ? Prefix : $"{Prefix}{at}";
}
