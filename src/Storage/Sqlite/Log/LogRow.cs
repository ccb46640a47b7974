using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.CompilerServices;

namespace Granary.Storage.Sqlite;

/// <summary>What stands in the log beside an event's content.</summary>
internal readonly record struct LogRow
{
    public required long Position { get; init; }

    public required long Stream { get; init; }

    public required long Version { get; init; }

    public required long Type { get; init; }

    /// <summary>In microseconds since 1970, UTC.</summary>
    public required long Timestamp { get; init; }

    public required Guid Id { get; init; }

    public required Guid AppendId { get; init; }

    public static long Microseconds(DateTimeOffset instant) =>
        (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset Instant(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>The checksum of the whole row, so that a damaged one is noticed and not taken for an event.</summary>
    [SkipLocalsInit]
    public long Checksum(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[6 * sizeof(long) + 2 * 16];
        ReadOnlySpan<long> numbers = [Position, Stream, Version, Type, Timestamp, metadata.Length];
        for (var at = 0; at < numbers.Length; at++)
            BinaryPrimitives.WriteInt64LittleEndian(head[(at * sizeof(long))..], numbers[at]);
        Id.TryWriteBytes(head[^32..^16], bigEndian: true, out _);
        AppendId.TryWriteBytes(head[^16..], bigEndian: true, out _);

        // A short row is hashed in one piece, which needs no hash object.
        var size = head.Length + metadata.Length + payload.Length;
        if (size > 1024) return Long(head, metadata, payload);
        Span<byte> whole = stackalloc byte[size];
        head.CopyTo(whole);
        metadata.CopyTo(whole[head.Length..]);
        payload.CopyTo(whole[(head.Length + metadata.Length)..]);
        return unchecked((long)XxHash64.HashToUInt64(whole));
    }

    private static long Long(ReadOnlySpan<byte> head, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> payload)
    {
        var hash = new XxHash64();
        hash.Append(head);
        hash.Append(metadata);
        hash.Append(payload);
        return unchecked((long)hash.GetCurrentHashAsUInt64());
    }
}
