using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Granary.Cli;

/// <summary>Writes lines to the output, safe for a terminal where it is one.</summary>
internal sealed class OutputLines(CommandIo io)
{
    // EPIPE of Linux and macOS, and what Windows says.
    private const int BrokenPipe = 32;
    private const int WindowsNoData = unchecked((int)0x800700E8);
    private const int WindowsBrokenPipe = unchecked((int)0x8007006D);

    private static readonly JsonWriterOptions Readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly ArrayBufferWriter<byte> _line = new();

    /// <summary>Writes a line of JSON.</summary>
    /// <exception cref="ClosedOutputException">Nobody reads the output any more.</exception>
    public async ValueTask WriteJsonAsync(Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        _line.ResetWrittenCount();
        await using (var writer = new Utf8JsonWriter(_line, Readable))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        _line.Write("\n"u8);
        await WriteAsync(_line.WrittenMemory, cancellationToken);
    }

    /// <summary>Writes an event as the line that it is in exports.</summary>
    /// <exception cref="ClosedOutputException">Nobody reads the output any more.</exception>
    public async ValueTask WriteEventAsync(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        _line.ResetWrittenCount();
        EventLine.Write(recorded, _line);
        await WriteAsync(_line.WrittenMemory, cancellationToken);
    }

    /// <summary>Writes JSON that has no end of line yet.</summary>
    /// <exception cref="ClosedOutputException">Nobody reads the output any more.</exception>
    public ValueTask WriteLineAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        _line.ResetWrittenCount();
        _line.Write(json.Span);
        _line.Write("\n"u8);
        return WriteAsync(_line.WrittenMemory, cancellationToken);
    }

    /// <summary>Writes a line of text.</summary>
    /// <exception cref="ClosedOutputException">Nobody reads the output any more.</exception>
    public async ValueTask WriteTextAsync(string text, CancellationToken cancellationToken)
    {
        var line = Encoding.UTF8.GetBytes((io.IsOutputTerminal ? Shown.Text(text) : text) + "\n");
        await WriteRawAsync(line, cancellationToken);
    }

    private ValueTask WriteAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken) =>
        WriteRawAsync(io.IsOutputTerminal ? Shown.Json(line) : line, cancellationToken);

    private async ValueTask WriteRawAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        try
        {
            await io.Output.WriteAsync(line, cancellationToken);
        }
        catch (IOException fault) when (fault.HResult is BrokenPipe or WindowsNoData or WindowsBrokenPipe)
        {
            throw new ClosedOutputException(fault);
        }
    }

}

/// <summary>Nobody reads the output any more, as where it is piped into <c>head</c>.</summary>
internal sealed class ClosedOutputException(Exception inner) : Exception(inner.Message, inner);
