using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Granary.Benchmarks;

/// <summary>The lines of one HTTP answer, which comes in chunks.</summary>
internal sealed class ChunkedLines(Socket socket)
{
    private readonly byte[] _received = new byte[64 * 1024];
    private readonly byte[] _text = new byte[64 * 1024];
    private (int From, int To) _undecoded;
    private (int From, int To) _unread;
    private int _leftOfChunk;
    private bool _hasHead;

    /// <summary>Whether the last chunk was received.</summary>
    public bool IsEnded { get; private set; }

    public async Task ReceiveAsync()
    {
        _undecoded = MoveToStart(_received, _undecoded);
        _unread = MoveToStart(_text, _unread);
        var read = await socket.ReceiveAsync(_received.AsMemory(_undecoded.To));
        if (read == 0) throw new IOException("The server closed the connection.");
        _undecoded.To += read;
        Decode();
    }

    /// <summary>The next line that was received whole.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        line = _text.AsSpan(_unread.From.._unread.To);
        var end = line.IndexOf((byte)'\n');
        if (end < 0) return false;
        line = line[..end];
        _unread.From += end + 1;
        return true;
    }

    private static (int From, int To) MoveToStart(byte[] buffer, (int From, int To) range)
    {
        buffer.AsSpan(range.From..range.To).CopyTo(buffer);
        return (0, range.To - range.From);
    }

    private void Decode()
    {
        if (!_hasHead && !TryReadHead()) return;
        while (!IsEnded && (_leftOfChunk > 0 || TryReadSize()))
        {
            var some = Math.Min(_leftOfChunk, _undecoded.To - _undecoded.From);
            if (some == 0) return;

            // A chunk's last two bytes end its line.
            var text = _received.AsSpan(_undecoded.From, Math.Clamp(_leftOfChunk - 2, 0, some));
            text.CopyTo(_text.AsSpan(_unread.To));
            _unread.To += text.Length;
            _undecoded.From += some;
            _leftOfChunk -= some;
        }
    }

    private bool TryReadHead()
    {
        var received = _received.AsSpan(_undecoded.From.._undecoded.To);
        var end = received.IndexOf("\r\n\r\n"u8);
        if (end < 0) return false;
        if (!received.StartsWith("HTTP/1.1 200"u8))
            throw new IOException($"The answer was not 200: {Encoding.UTF8.GetString(received)}");
        _undecoded.From += end + 4;
        return _hasHead = true;
    }

    private bool TryReadSize()
    {
        var received = _received.AsSpan(_undecoded.From.._undecoded.To);
        var end = received.IndexOf("\r\n"u8);
        if (end < 0 || !Utf8Parser.TryParse(received[..end], out int size, out _, 'x')) return false;
        IsEnded = size == 0 && received[end..].StartsWith("\r\n\r\n"u8);
        if (size == 0) return false;
        _undecoded.From += end + 2;
        _leftOfChunk = size + 2;
        return true;
    }
}
