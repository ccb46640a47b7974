using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Granary.Storage.Sqlite;

/// <summary>The columns of an event in the log, without its content.</summary>
internal readonly record struct LogRow
{
    public required long Position { get; init; }

    public required long Stream { get; init; }

    public required long Version { get; init; }

    /// <summary>The position of the stream's previous event; 0 for its first.</summary>
    public required long Prev { get; init; }

    public required long Type { get; init; }

    /// <summary>In microseconds since 1970, UTC.</summary>
    public required long Timestamp { get; init; }

    public required Guid Id { get; init; }

    public required Guid AppendId { get; init; }

    public static long Microseconds(DateTimeOffset instant) =>
        (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset Instant(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>
    /// The checksum of all that an event is: its columns, its content, and the name of its stream and its
    /// type, which the row holds as numbers.
    /// </summary>
    /// <param name="streamHash">The hash of the stream's name.</param>
    /// <param name="typeHash">The hash of the type.</param>
    /// <param name="metadata">The metadata as stored.</param>
    /// <param name="payload">The payload as stored.</param>
    [SkipLocalsInit]
    public long Checksum(
        long streamHash, long typeHash, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[9 * sizeof(long) + 2 * 16];
        ReadOnlySpan<long> numbers =
            [Position, Stream, Version, Prev, Type, Timestamp, streamHash, typeHash, metadata.Length];
        MemoryMarshal.AsBytes(numbers).CopyTo(head);
        Id.TryWriteBytes(head[^32..^16], bigEndian: true, out _);
        AppendId.TryWriteBytes(head[^16..], bigEndian: true, out _);

        // A short row is hashed in one piece, which needs no hash object.
        var size = head.Length + metadata.Length + payload.Length;
        if (size > 1024) return ChecksumOfLong(head, metadata, payload);
        Span<byte> whole = stackalloc byte[size];
        head.CopyTo(whole);
        metadata.CopyTo(whole[head.Length..]);
        payload.CopyTo(whole[(head.Length + metadata.Length)..]);
        return unchecked((long)XxHash3.HashToUInt64(whole));
    }

    private static long ChecksumOfLong(
        ReadOnlySpan<byte> head, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> payload)
    {
        var hash = new XxHash3();
        hash.Append(head);
        hash.Append(metadata);
        hash.Append(payload);
        return unchecked((long)hash.GetCurrentHashAsUInt64());
    }
}
