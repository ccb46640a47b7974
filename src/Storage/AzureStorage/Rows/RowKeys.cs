using System.Security.Cryptography;
using System.Text;

namespace Granary.Storage.AzureStorage;

/// <summary>
/// The keys of rows. All rows of a partition of the log are in one partition of the table, so that one transaction
/// changes them together. A key begins with a letter for its kind, and numbers have all their digits: keys are ordered
/// as texts.
/// </summary>
internal static class RowKeys
{
    /// <summary>The row that has the end of the partition.</summary>
    public const string Tail = "t";

    /// <summary>What is after every key of a kind.</summary>
    private const char Last = '~';

    /// <summary>The first letters of kinds.</summary>
    public const char Feed = 'f', Head = 'h', Events = 'e', Clearing = 'c', Removal = 'r', Snapshots = 's';

    public static string PartitionOf(LogPartition partition) => $"log-{partition.Value:D5}";

    /// <summary>A commit, by the position of its last event.</summary>
    public static string OfCommit(long last) => $"{Feed}{last:D19}";

    public static string OfHead(string hash) => Head + hash;

    /// <summary>The events of an append, by the version of the last one.</summary>
    public static string OfEvents(string hash, int generation, long last) =>
        $"{Events}{hash}-{generation:D10}-{last:D19}";

    /// <summary>The clearing that ended a generation of a stream.</summary>
    public static string OfClearing(string hash, int generation) => $"{Clearing}{hash}-{generation:D10}";

    /// <summary>What a clearing or a truncation leaves to be scrubbed, by the first position that stays.</summary>
    public static string OfRemoval(long position) => $"{Removal}{position:D19}";

    public static string OfSnapshots(string hash) => Snapshots + hash;

    /// <summary>After the last key of all.</summary>
    public const string End = "~";

    /// <summary>After the last key of a kind.</summary>
    public static string EndOf(char kind) => $"{kind}{Last}";

    /// <summary>A stream in keys: names may be longer than a key, and have characters that no key has.</summary>
    public static string HashOf(StreamName stream) => HashOf(Bytes(stream));

    public static string HashOf(byte[] name) => Convert.ToHexStringLower(SHA256.HashData(name));

    public static byte[] Bytes(StreamName stream) => Encoding.UTF8.GetBytes(stream.ToString());

    public static StreamName NameOf(byte[] name) => StreamName.Parse(Encoding.UTF8.GetString(name));
}
