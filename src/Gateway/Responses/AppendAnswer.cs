using System.Buffers;
using System.Text.Json;
using Granary.Contracts;
using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>
/// The answer of an append, as bytes: those that <see cref="AppendResponse"/> is serialized to. Its memory is used
/// again when it is disposed.
/// </summary>
internal sealed class AppendAnswer : IDisposable
{
    /// <summary>The header with the position of the append, which a query of models can wait for.</summary>
    public const string PositionName = "Granary-Position";

    // Two names of 512 characters, each escaped, and the rest.
    private const int SizeUsual = 512;
    private const int SizeKeptMax = 8 * 1024;

    private static readonly JsonEncodedText Stream = JsonEncodedText.Encode("stream");
    private static readonly JsonEncodedText Outcome = JsonEncodedText.Encode("outcome");
    private static readonly JsonEncodedText FirstVersion = JsonEncodedText.Encode("firstVersion");
    private static readonly JsonEncodedText Version = JsonEncodedText.Encode("version");
    private static readonly JsonEncodedText Partition = JsonEncodedText.Encode("partition");
    private static readonly JsonEncodedText Position = JsonEncodedText.Encode("position");

    [ThreadStatic] private static AppendAnswer? _free;

    private readonly ArrayBufferWriter<byte> _bytes = new(SizeUsual);
    private readonly Utf8JsonWriter _writer;
    private StreamAppendAnswer? _answer;

    private AppendAnswer() => _writer = new Utf8JsonWriter(_bytes, GatewayJson.WriterOptions);

    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    /// <summary>Writes an answer that is no conflict.</summary>
    public static AppendAnswer Write(StreamName stream, StreamAppendAnswer answer)
    {
        var written = _free ?? new AppendAnswer();
        _free = null;
        written.WriteJson(stream, answer);
        return written;
    }

    /// <summary>Sends it whole, with its length and the stream's ETag.</summary>
    public ValueTask<System.IO.Pipelines.FlushResult> SendAsync(HttpResponse response)
    {
        response.StatusCode = _answer!.Outcome == AppendOutcome.Appended
            ? StatusCodes.Status201Created
            : StatusCodes.Status200OK;
        // Of events that were removed since the position is not known.
        if (_answer.Position.Position > GlobalPosition.Zero)
        {
            response.Headers.ETag = StreamETag.Of(_answer.Version, _answer.Position);
            response.Headers[PositionName] = _answer.Position.ToString();
        }

        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = _bytes.WrittenCount;

        // Where the caller is gone nothing is sent, and that is no error here.
        return response.BodyWriter.WriteAsync(Bytes, CancellationToken.None);
    }

    public void Dispose()
    {
        if (_bytes.Capacity > SizeKeptMax) return;
        _answer = null;
        _bytes.ResetWrittenCount();
        _free = this;
    }

    private void WriteJson(StreamName stream, StreamAppendAnswer answer)
    {
        _answer = answer;
        _writer.Reset();
        _writer.WriteStartObject();
        _writer.WriteString(Stream, stream.ToString());
        _writer.WriteString(Outcome, answer.Outcome == AppendOutcome.Appended
            ? nameof(AppendOutcome.Appended)
            : nameof(AppendOutcome.AlreadyAppended));
        _writer.WriteNumber(FirstVersion, answer.FirstVersion.Value);
        _writer.WriteNumber(Version, answer.Version.Value);
        _writer.WriteNumber(Partition, answer.Position.Partition.Value);
        _writer.WriteNumber(Position, answer.Position.Position.Value);
        _writer.WriteEndObject();
        _writer.Flush();
    }
}
