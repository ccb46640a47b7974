using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Granary.Runtime;

/// <summary>
/// Makes the ids of effects: UUIDs of version 8, the first bits of a SHA-256 of what the effect is. They never change.
/// </summary>
internal static class EffectIds
{
    /// <summary>The id of what a reader does with an event.</summary>
    /// <param name="reader">The reader's name.</param>
    /// <param name="eventId">The event's id.</param>
    /// <param name="number">
    /// Which of the events it is, from 0, that an upcaster makes of the recorded one.
    /// </param>
    public static Guid Of(string reader, Guid eventId, int number)
    {
        Span<byte> suffix = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(suffix, number);
        return Hash(eventId, [.. Encoding.UTF8.GetBytes(reader), .. suffix]);
    }

    /// <summary>The id of a part of an effect.</summary>
    public static Guid Of(Guid effectId, string name) => Hash(effectId, Encoding.UTF8.GetBytes(name));

    private static Guid Hash(Guid first, ReadOnlySpan<byte> rest)
    {
        var input = new byte[16 + rest.Length];
        first.TryWriteBytes(input, bigEndian: true, out _);
        rest.CopyTo(input.AsSpan(16));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        hash[6] = (byte)(0x80 | (hash[6] & 0x0F));
        hash[8] = (byte)(0x80 | (hash[8] & 0x3F));
        return new Guid(hash[..16], bigEndian: true);
    }
}
