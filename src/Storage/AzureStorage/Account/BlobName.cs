using System.Globalization;

namespace Granary.Storage.AzureStorage;

/// <summary>The name of a blob: what it is of, and an id, so that no two blobs ever have the same.</summary>
/// <param name="Partition">The partition of the log.</param>
/// <param name="Hash">The stream.</param>
/// <param name="Generation">The generation of the stream that the events are of; null for a snapshot.</param>
/// <param name="Number">The version of the first event; the position of a snapshot's event.</param>
/// <param name="Last">The version of the last event; null for a snapshot.</param>
internal sealed record BlobName(
    LogPartition Partition, string Hash, int? Generation, long Number, long? Last = null)
{
    private const string EventsFolder = "events", SnapshotsFolder = "snapshots";
    private const int Parts = 5;

    /// <summary>How many events are in the blob; null where that is not known.</summary>
    public long? Count => Last - Number + 1;

    /// <summary>A name that is new.</summary>
    public string With(Guid id) => Generation is { } generation
        ? $"{EventsFolder}/{Partition.Value:D5}/{Hash}/{generation:D10}-{Number:D19}-{Last:D19}/{id:n}"
        : $"{SnapshotsOf(Partition, Hash)}{Number:D19}/{id:n}";

    /// <summary>What the names of a stream's snapshots begin with.</summary>
    public static string SnapshotsOf(LogPartition partition, string hash) =>
        $"{SnapshotsFolder}/{partition.Value:D5}/{hash}/";

    /// <summary>What a blob is of; null where it is none of a store's.</summary>
    public static BlobName? Parse(string name)
    {
        var parts = name.Split('/');
        if (parts.Length != Parts || parts[0] is not (EventsFolder or SnapshotsFolder)
            || ToNumber(parts[1]) is not { } partition) return null;
        var numbers = Array.ConvertAll(parts[3].Split('-'), ToNumber);
        return (parts[0], numbers) switch
        {
            (EventsFolder, [{ } generation, { } first, { } last]) =>
                new BlobName(new((int)partition), parts[2], (int)generation, first, last),
            (SnapshotsFolder, [{ } position]) => new BlobName(new((int)partition), parts[2], null, position),
            _ => null,
        };
    }

    private static long? ToNumber(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
