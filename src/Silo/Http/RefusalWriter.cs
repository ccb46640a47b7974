using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace Granary.Silo;

/// <summary>
/// A connection's writer. It passes everything on, until the server is about to write an empty refusal, its last
/// response on the connection: that is held, and gets a body.
/// </summary>
internal sealed class RefusalWriter(PipeWriter inner, FrozenDictionary<int, byte[]> bodies) : PipeWriter
{
    private ArrayBufferWriter<byte>? _held;
    private byte[]? _body;

    private static ReadOnlySpan<byte> EmptyBody => "Content-Length: 0\r\n"u8;

    /// <summary>Announces that what is written next is an empty refusal of this status.</summary>
    public void Fill(int status)
    {
        if (bodies.TryGetValue(status, out _body)) _held = new ArrayBufferWriter<byte>();
    }

    /// <inheritdoc />
    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    /// <inheritdoc />
    public override long UnflushedBytes => inner.UnflushedBytes + (_held?.WrittenCount ?? 0);

    /// <inheritdoc />
    public override Memory<byte> GetMemory(int sizeHint = 0) => _held?.GetMemory(sizeHint) ?? inner.GetMemory(sizeHint);

    /// <inheritdoc />
    public override Span<byte> GetSpan(int sizeHint = 0) =>
        _held is { } held ? held.GetSpan(sizeHint) : inner.GetSpan(sizeHint);

    /// <inheritdoc />
    public override void Advance(int bytes)
    {
        if (_held is { } held)
            held.Advance(bytes);
        else
            inner.Advance(bytes);
    }

    /// <inheritdoc />
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        Release();
        return inner.FlushAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override ValueTask<FlushResult> WriteAsync(
        ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_held is null) return inner.WriteAsync(source, cancellationToken);
        _held.Write(source.Span);
        return FlushAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    /// <inheritdoc />
    public override void Complete(Exception? exception = null)
    {
        Release();
        inner.Complete(exception);
    }

    /// <inheritdoc />
    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        Release();
        return inner.CompleteAsync(exception);
    }

    // What is held but has no empty body, such as a frame of HTTP/2, is written as it is.
    private void Release()
    {
        if (_held is not { WrittenCount: > 0 } held) return;
        _held = null;
        var response = held.WrittenSpan;
        var at = response.StartsWith("HTTP/1."u8) ? response.IndexOf(EmptyBody) : -1;
        if (at < 0)
        {
            inner.Write(response);
            return;
        }

        inner.Write(response[..at]);
        inner.Write(Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"Content-Type: application/problem+json\r\nContent-Length: {_body!.Length}\r\n")));
        inner.Write(response[(at + EmptyBody.Length)..]);
        inner.Write(_body);
    }
}
