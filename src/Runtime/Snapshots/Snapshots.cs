using System.IO.Hashing;

namespace Granary.Runtime;

/// <summary>Makes and checks snapshots.</summary>
internal static class Snapshots
{
    /// <summary>Makes a snapshot with its checksum.</summary>
    public static Snapshot Seal(
        StreamName stream, RecordedPlace place, string fingerprint, ReadOnlyMemory<byte> payload) => new()
    {
        Stream = stream,
        Version = place.Version,
        Position = place.Position,
        Timestamp = place.Latest,
        Fingerprint = fingerprint,
        Checksum = XxHash64.HashToUInt64(payload.Span),
        Payload = payload,
    };

    /// <summary>Whether a snapshot is of the state type's present shape and undamaged.</summary>
    public static bool IsValid(Snapshot snapshot, string fingerprint) =>
        snapshot.Version > StreamVersion.Zero && snapshot.Fingerprint == fingerprint
            && XxHash64.HashToUInt64(snapshot.Payload.Span) == snapshot.Checksum;
}

/// <summary>Where a state stands: its version, that event's place in the log, the latest time stamp up to it.</summary>
internal readonly record struct RecordedPlace(StreamVersion Version, LogPosition Position, DateTimeOffset Latest);
