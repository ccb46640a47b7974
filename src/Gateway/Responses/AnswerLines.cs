using System.IO.Pipelines;
using System.Text.Json;

namespace Granary.Gateway;

/// <summary>Writes answers line by line. One writes at a time; others wait.</summary>
/// <param name="body">Where they are written.</param>
/// <param name="unreadMax">
/// How long the reader may take nothing. The server's own limit grows with all that was read before.
/// </param>
/// <param name="time">The clock.</param>
/// <param name="cut">Ends the request, after that.</param>
internal sealed class AnswerLines(PipeWriter body, TimeSpan unreadMax, TimeProvider time, Action cut) : IDisposable
{
    private const int UnflushedMax = 16 * 1024;

    private readonly SemaphoreSlim _free = new(1);
    private readonly Utf8JsonWriter _writer = new(body, GatewayJson.WriterOptions);
    private long _unflushed;

    /// <summary>Writes an answer; it is sent with the next flush, or when much is written.</summary>
    /// <exception cref="TimeoutException">The reader takes nothing, and the request was ended.</exception>
    public async Task WriteAsync(AppendLineResponse answer, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            JsonSerializer.Serialize(_writer, answer, GatewayJson.Shared.AppendLineResponse);
            _writer.Flush();
            _unflushed += _writer.BytesCommitted + 1;
            _writer.Reset(body);
            body.GetSpan(1)[0] = (byte)'\n';
            body.Advance(1);
            if (_unflushed >= UnflushedMax) await SendAsync(cancellationToken);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Sends what is written. It waits where the reader is slow.</summary>
    /// <exception cref="TimeoutException">The reader takes nothing, and the request was ended.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            await SendAsync(cancellationToken);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose()
    {
        _writer.Dispose();
        _free.Dispose();
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        _unflushed = 0;
        var sending = body.FlushAsync(cancellationToken);
        if (sending.IsCompleted)
        {
            await sending;
            return;
        }

        try
        {
            await sending.AsTask().WaitAsync(unreadMax, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            cut();
            throw;
        }
    }
}
