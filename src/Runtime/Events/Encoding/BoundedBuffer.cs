using System.Buffers;

namespace Granary.Runtime;

/// <summary>A buffer for at most the size of an event: what has no end is not written for ever.</summary>
internal sealed class BoundedBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[1_024];
    private int _count;

    /// <summary>How many bytes it holds without growing.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _count);

    /// <summary>Drops what was written.</summary>
    public void Clear() => _count = 0;

    public void Advance(int count) => _count += count;

    /// <exception cref="LimitExceededException">More was written than an event may have.</exception>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureFree(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(_count);
    }

    /// <inheritdoc cref="GetMemory" />
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    private void EnsureFree(int size)
    {
        if (_bytes.Length - _count >= size) return;
        LimitExceededException.ThrowIfOver(
            GranaryLimits.EventSizeMax, _count, "event", "Keep large content elsewhere and a reference in it.");
        Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, checked(_count + size)));
    }
}
