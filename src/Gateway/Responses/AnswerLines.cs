using System.IO.Pipelines;
using System.Text.Json;

namespace Granary.Gateway;

/// <summary>Writes answers line by line. One writes at a time; others wait.</summary>
internal sealed class AnswerLines(PipeWriter body) : IDisposable
{
    private const int UnflushedMax = 16 * 1024;

    private readonly SemaphoreSlim _free = new(1);
    private readonly Utf8JsonWriter _writer = new(body, GatewayJson.WriterOptions);
    private long _unflushed;

    /// <summary>Writes an answer; it is sent with the next flush, or when much is written.</summary>
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
        await body.FlushAsync(cancellationToken);
    }
}
