using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Granary;

/// <summary>
/// Makes the ids of events and appends: UUIDs of version 7, which begin with the time in milliseconds. Their random
/// bits come from the system's generator, many ids at a time, because asking it costs more than all the rest.
/// </summary>
public static class Uuid7
{
    private const int RandomBytes = 10;
    private const int IdsPerFill = 100;

    [ThreadStatic] private static byte[]? _random;
    [ThreadStatic] private static int _used;

    /// <summary>A new id, with the given clock's time.</summary>
    public static Guid New(TimeProvider time)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, time.GetUtcNow().ToUnixTimeMilliseconds() << 16);
        NextRandom().CopyTo(bytes[^RandomBytes..]);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }

    private static ReadOnlySpan<byte> NextRandom()
    {
        if (_random is null || _used == _random.Length)
        {
            _random ??= new byte[RandomBytes * IdsPerFill];
            RandomNumberGenerator.Fill(_random);
            _used = 0;
        }

        _used += RandomBytes;
        return _random.AsSpan(_used - RandomBytes, RandomBytes);
    }
}
