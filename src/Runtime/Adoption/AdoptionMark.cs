using System.Globalization;

namespace Granary.Runtime;

/// <summary>
/// What an adopted event has in its metadata: the storage that it is from, its place in the old log, and how many
/// events that has. So a stream shows by its last event whether a part of the log is missing.
/// </summary>
internal static class AdoptionMark
{
    private static ReadOnlySpan<byte> NameUtf8 => "\"granary.adopted\""u8;

    /// <summary>The metadata of an adopted event.</summary>
    /// <param name="storage">The grain storage that it is from.</param>
    /// <param name="place">Its place in the old log, from 1.</param>
    /// <param name="count">How many events the old log has.</param>
    public static EventMetadata Describe(string storage, int place, int count) => EventMetadata.Of(
    [
        new(MetadataNames.AdoptedFrom, storage),
        new(MetadataNames.Adopted, string.Create(CultureInfo.InvariantCulture, $"{place}/{count}")),
    ]);

    /// <summary>What the last event of a stream tells about the adoption of an old log.</summary>
    public static AdoptionProgress ProgressAt(EventMetadata last)
    {
        // Nearly no event has it, and its metadata is not parsed for it.
        if (last.Utf8.Span.IndexOf(NameUtf8) < 0 || last.Find(MetadataNames.Adopted) is not { } text)
            return AdoptionProgress.None;
        return text.Split('/') is [var place, var count] && place == count
            ? AdoptionProgress.Finished
            : AdoptionProgress.Unfinished;
    }
}

/// <summary>What the last event of a stream tells about the adoption of an old log.</summary>
internal enum AdoptionProgress : byte
{
    /// <summary>It is no adopted event.</summary>
    None,

    /// <summary>It is an event of an old log, and not the last one: the others are missing.</summary>
    Unfinished,

    /// <summary>It is the last event of an old log.</summary>
    Finished,
}
