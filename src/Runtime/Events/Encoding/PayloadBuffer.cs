using System.Numerics;

namespace Granary.Runtime;

/// <summary>Memory for a small payload, and for another one when that is not needed any more.</summary>
internal sealed class PayloadBuffer
{
    private const int SizeMax = 1_024;
    private const int SizeMin = 64;

    private byte[] _bytes = [];

    /// <summary>Copies a payload into its memory, over the last one; a large one into memory of its own.</summary>
    public ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > SizeMax) return payload.ToArray();
        if (payload.Length > _bytes.Length)
            _bytes = new byte[BitOperations.RoundUpToPowerOf2((uint)Math.Max(payload.Length, SizeMin))];
        payload.CopyTo(_bytes);
        return _bytes.AsMemory(0, payload.Length);
    }
}
