using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Granary.Runtime;

/// <summary>The buffer that JSON is written into before its size is known; each thread has its own.</summary>
internal sealed class JsonScratch
{
    private const int KeptMax = 64 * 1_024;

    [ThreadStatic] private static JsonScratch? _idle;

    private readonly BoundedBuffer _buffer = new();
    private readonly Utf8JsonWriter _writer;
    private readonly JsonSerializerOptions _options;

    private JsonScratch(JsonSerializerOptions options)
    {
        _options = options;
        _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions
        {
            Encoder = options.Encoder,
            Indented = options.WriteIndented,
            IndentCharacter = options.IndentCharacter,
            IndentSize = options.IndentSize,
            NewLine = options.NewLine,
            MaxDepth = options.MaxDepth,
            SkipValidation = true,
        });
    }

    /// <summary>Writes a value as the serializer would, and copies the bytes into a payload buffer.</summary>
    public static ReadOnlyMemory<byte> Write(object value, JsonTypeInfo info, PayloadBuffer into)
    {
        // It is not idle while it is used: a converter may call this method again.
        var scratch = _idle is { } idle && idle._options == info.Options ? idle : new JsonScratch(info.Options);
        _idle = null;
        try
        {
            JsonSerializer.Serialize(scratch._writer, value, info);
            scratch._writer.Flush();
            return into.Keep(scratch._buffer.Written);
        }
        finally
        {
            scratch.GiveBack();
        }
    }

    private void GiveBack()
    {
        _buffer.Clear();
        _writer.Reset();
        if (_buffer.Capacity <= KeptMax) _idle = this;
    }
}
