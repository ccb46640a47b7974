using System.Globalization;
using System.Text;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// The keys of the rows of models. The key of a model is in the row's key so that rows are in the order of UTF-8:
/// digits and small letters as they are, every other byte as two digits after a character that sorts where it belongs.
/// </summary>
internal static class ModelKeys
{
    /// <summary>The partitions that have one kind of row each.</summary>
    public const string Tables = "model-tables", Readers = "model-readers", Dropped = "model-dropped";

    /// <summary>The decisions of commits that move no checkpoint.</summary>
    public const string Commits = "model-commits";

    /// <summary>What the partitions of tables' rows begin with.</summary>
    public const string Rows = "model-rows-";

    /// <summary>What the keys of decisions and of tickets begin with.</summary>
    public const char Decision = 'd', Ticket = 'a';

    /// <summary>After every key of a partition.</summary>
    public const string End = "~~~~";

    // A key of the service has 512 characters at most. What is longer is cut, and a hash follows.
    private const int CutAt = 400;
    private const string Cut = "~~";

    /// <summary>The rows of a table.</summary>
    public static string RowsOf(Guid generation) => $"{Rows}{generation:n}";

    /// <summary>The checkpoints of a reader, and the decisions of its commits.</summary>
    public static string ReaderOf(string name) => $"model-reader-{HashOf(name)}";

    public static string HashOf(string name) => RowKeys.HashOf(Encoding.UTF8.GetBytes(name));

    public static string CheckpointOf(LogPartition partition) =>
        string.Create(CultureInfo.InvariantCulture, $"c{partition.Value:D5}");

    public static string DecisionOf(Guid attempt) => $"{Decision}{attempt:n}";

    public static string TicketOf(Guid attempt) => $"{Ticket}{attempt:n}";

    /// <summary>The generation that a partition has the rows of.</summary>
    public static Guid GenerationOf(string partition) => Guid.Parse(partition[Rows.Length..]);

    /// <summary>The key of the row of a model.</summary>
    public static string OfRow(string key)
    {
        var encoded = Encode(key);
        return encoded.Length <= CutAt ? encoded : $"{encoded[..CutAt]}{Cut}{HashOf(key)}";
    }

    /// <summary>The part of a row's key by which rows are in the order of their models' keys.</summary>
    public static string OrderedPart(string rowKey) => rowKey.Length <= CutAt ? rowKey : rowKey[..CutAt];

    /// <summary>
    /// Every row of a greater key is after this, and of others only those with the same ordered part.
    /// </summary>
    public static string Before(string key, bool isIncluded)
    {
        var part = OrderedPart(Encode(key));
        if (!isIncluded || part.Length == 0) return part;
        return $"{part[..^1]}{(char)(part[^1] - 1)}{End}";
    }

    /// <summary>No row of a key up to this one is after this.</summary>
    public static string Through(string key)
    {
        var encoded = Encode(key);
        return encoded.Length <= CutAt ? encoded : $"{encoded[..CutAt]}{End}";
    }

    private static string Encode(string key)
    {
        var text = new StringBuilder();
        foreach (var one in Encoding.UTF8.GetBytes(key))
        {
            _ = one switch
            {
                >= (byte)'0' and <= (byte)'9' or >= (byte)'a' and <= (byte)'z' => text.Append((char)one),
                < (byte)'0' => Escape(text, '-', one),
                < (byte)'a' => Escape(text, '_', one),
                _ => Escape(text, '~', one),
            };
        }

        return text.ToString();
    }

    private static StringBuilder Escape(StringBuilder text, char mark, byte one) =>
        text.Append(mark).Append(one.ToString("x2", CultureInfo.InvariantCulture));
}
