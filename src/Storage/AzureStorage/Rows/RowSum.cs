using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// The checksum that a row has of itself, its key included: what another program has changed, or has put under another
/// key, is damage, and is not served. The events in a row have one of their own.
/// </summary>
internal static class RowSum
{
    /// <summary>The property that has it.</summary>
    public const string Name = "Sum";

    // A row of events is also read without them, and the tail gets its pause by itself.
    private const string Timestamp = "Timestamp", ETag = "odata.etag";

    /// <summary>Adds the checksum to a row that is complete.</summary>
    public static TableEntity WithSum(this TableEntity row)
    {
        row[Name] = Of(row);
        return row;
    }

    /// <summary>The row, as it was read.</summary>
    /// <exception cref="StoreCorruptException">It is not as it was written.</exception>
    public static TableEntity Checked(this TableEntity row) =>
        row.TryGetValue(Name, out var sum) && sum is long there && there == Of(row)
            ? row
            : throw Damaged(row);

    /// <summary>The row makes no sense.</summary>
    public static StoreCorruptException Damaged(TableEntity row) => new(
        $"The row {row.RowKey} of {row.PartitionKey} is damaged: it does not match its checksum. Restore the table "
        + "from a backup.");

    private static long Of(TableEntity row)
    {
        var hash = new XxHash3();
        Append(hash, row.PartitionKey);
        Append(hash, row.RowKey);

        // A property without a value is not stored.
        foreach (var (name, value) in row.Where(static one => one.Value is not null && IsSummed(one.Key))
            .OrderBy(static one => one.Key, StringComparer.Ordinal))
        {
            Append(hash, name);
            Append(hash, value);
        }

        return unchecked((long)hash.GetCurrentHashAsUInt64());
    }

    private static bool IsSummed(string name) =>
        name is not (nameof(TableEntity.PartitionKey) or nameof(TableEntity.RowKey) or Timestamp or ETag or Name)
        && name != TailRow.PauseName && !name.StartsWith(DataProperties.Prefix, StringComparison.Ordinal);

    // Each with its kind and its length: no two rows have the same bytes.
    private static void Append(XxHash3 hash, object? value)
    {
        var bytes = value switch
        {
            string text => Encoding.UTF8.GetBytes(text),
            byte[] binary => binary,
            Guid id => id.ToByteArray(),
            long number => Bytes(number),
            int number => Bytes(number),
            bool flag => Bytes(flag ? 1 : 0),
            _ => [],
        };
        hash.Append(Bytes((long)bytes.Length << 8 | (byte)(Type.GetTypeCode(value?.GetType()))));
        hash.Append(bytes);
    }

    private static byte[] Bytes(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return bytes;
    }
}
