using System.IO.Hashing;

namespace Granary.Runtime;

/// <summary>Makes and checks snapshots.</summary>
internal static class Snapshots
{
    /// <summary>Makes a snapshot with its checksum.</summary>
    public static Snapshot Seal(
        StreamName stream, FoldedThrough folded, string fingerprint, ReadOnlyMemory<byte> payload) => new()
    {
        Stream = stream,
        Version = folded.Version,
        Position = folded.Position,
        Timestamp = folded.Latest,
        Fingerprint = fingerprint,
        Checksum = XxHash64.HashToUInt64(payload.Span),
        Payload = payload,
    };

    /// <summary>What the snapshot of a state with this shape, folded by this code, is known by.</summary>
    public static string Fingerprint(string shape, string fold) => $"{shape}/{fold}";

    /// <summary>What a fold is known by: the code, and the type of the grain that the state is of.</summary>
    public static string Fold(string code, GrainType owner) => $"{code}@{FoldFingerprint.Hash(owner.ToString()!)}";

    /// <summary>Whether a snapshot is of a grain of a type.</summary>
    public static bool IsOf(Snapshot snapshot, GrainType owner) =>
        snapshot.Fingerprint.EndsWith($"@{FoldFingerprint.Hash(owner.ToString()!)}", StringComparison.Ordinal);

    /// <summary>
    /// The shape of a snapshot's state; null where the snapshot is damaged, or was folded by other code.
    /// </summary>
    public static string? ShapeOf(Snapshot snapshot, string fold)
    {
        var (fingerprint, end) = (snapshot.Fingerprint, $"/{fold}");
        return fingerprint.EndsWith(end, StringComparison.Ordinal) && IsWhole(snapshot)
            ? fingerprint[..^end.Length]
            : null;
    }

    /// <summary>Whether a snapshot is of an event, and its payload is as it was written.</summary>
    public static bool IsWhole(Snapshot snapshot) => snapshot.Version > StreamVersion.Zero
        && XxHash64.HashToUInt64(snapshot.Payload.Span) == snapshot.Checksum;
}

/// <summary>The version of a state, the position of that event, and the latest time stamp up to it.</summary>
internal readonly record struct FoldedThrough(StreamVersion Version, LogPosition Position, DateTimeOffset Latest);
