using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace Granary.Gateway;

/// <summary>
/// Writes server-sent events, of what is read one after the other by one writer. Nothing is queued: where the reader is
/// slow, the writer waits, and for so long at most.
/// </summary>
/// <param name="body">Where they are written.</param>
/// <param name="unreadMax">How long the reader may take nothing.</param>
/// <param name="time">The clock.</param>
internal sealed class LiveBody(PipeWriter body, TimeSpan unreadMax, TimeProvider time) : IDisposable
{
    public const string ContentType = "text/event-stream";

    /// <summary>After so long a browser connects again, in milliseconds.</summary>
    public const int RetryMs = 2_000;

    /// <summary>The name of the event that ends the response. A browser gives out others as messages.</summary>
    public const string EndEvent = "granary.end";

    private const int UnflushedMax = 16 * 1024;

    // An event of the largest size is not kept in memory after it was sent.
    private const int BufferMax = 64 * 1024;

    private ArrayBufferWriter<byte> _json = new();
    private Utf8JsonWriter? _writer;
    private Task _flushing = Task.CompletedTask;
    private long _unflushed;

    /// <summary>The id that was written last.</summary>
    public string Id { get; private set; } = "";

    /// <summary>
    /// Begins: how long to wait before connecting again, and the id from which to resume before any event.
    /// </summary>
    public void WriteOpening(string id)
    {
        Write($"retry: {RetryMs}\nid: {id}\n\n");
        Id = id;
    }

    /// <summary>Writes an event; it is sent with the next flush, or when much is written.</summary>
    /// <exception cref="SlowReaderException">The reader takes nothing.</exception>
    public async ValueTask WriteAsync(string id, IPageItem item, CancellationToken cancellationToken)
    {
        Write($"id: {id}\n");
        WriteJson(item.WriteTo);
        Id = id;
        if (_unflushed >= UnflushedMax) await FlushAsync(cancellationToken);
    }

    /// <summary>
    /// Writes a comment, which keeps the connection open; and an id where a further one is to be resumed from.
    /// </summary>
    public void WriteHeartbeat(string id)
    {
        // Without data nothing is given out, but the id counts.
        Write(id == Id ? ":\n\n" : $":\nid: {id}\n\n");
        Id = id;
    }

    /// <summary>Writes the last event: why it ends, and from where to resume.</summary>
    public void WriteEnd(string reason, string detail)
    {
        Write($"event: {EndEvent}\nid: {Id}\n");
        WriteJson(json =>
        {
            json.WriteStartObject();
            json.WriteString("reason", reason);
            json.WriteString("detail", detail);
            json.WriteString("resume", Id);
            json.WriteEndObject();
        });
    }

    /// <summary>Sends what is written. It waits where the reader is slow.</summary>
    /// <exception cref="SlowReaderException">The reader takes nothing.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_unflushed == 0) return;
        _unflushed = 0;

        // The server would abort the connection of a flush that is cancelled, so it is not.
        var flushing = body.FlushAsync(CancellationToken.None);
        if (flushing.IsCompleted)
        {
            await flushing;
            return;
        }

        _flushing = flushing.AsTask();
        try
        {
            await _flushing.WaitAsync(unreadMax, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new SlowReaderException();
        }
    }

    /// <summary>Waits until a flush that was left has ended: nothing may be written before.</summary>
    public Task FlushedAsync(CancellationToken cancellationToken) => _flushing.WaitAsync(cancellationToken);

    public void Dispose() => _writer?.Dispose();

    private void WriteJson(Action<Utf8JsonWriter> write)
    {
        _json.ResetWrittenCount();
        if (_writer is null) _writer = new Utf8JsonWriter(_json, GatewayJson.WriterOptions);
        else _writer.Reset(_json);
        write(_writer);
        _writer.Flush();
        WriteData(_json.WrittenSpan);
        if (_json.Capacity > BufferMax) _json = new();
    }

    // JSON is sent as it is stored, and may be on several lines.
    private void WriteData(ReadOnlySpan<byte> data)
    {
        while (true)
        {
            var end = data.IndexOfAny((byte)'\n', (byte)'\r');
            Write("data: "u8);
            Write(end < 0 ? data : data[..end]);
            Write("\n"u8);
            if (end < 0) break;
            data = data[(data[end..] is [(byte)'\r', (byte)'\n', ..] ? end + 2 : end + 1)..];
        }

        Write("\n"u8);
    }

    private void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    private void Write(ReadOnlySpan<byte> bytes)
    {
        body.Write(bytes);
        _unflushed += bytes.Length;
    }
}

/// <summary>A reader took nothing for as long as it may.</summary>
internal sealed class SlowReaderException() : Exception("The reader takes nothing of what is sent.");
