using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;
using Granary.Contracts;

namespace Granary.Gateway;

/// <summary>
/// Reads events in our own form straight from the bytes of a body, in one pass and without a document. It reads what
/// nearly every body is: small, plain and correct. What it does not know to be correct it leaves to
/// <see cref="EventBody"/>, which finds the same events or names the fault.
/// </summary>
internal ref partial struct EventJson
{
    private const int SizeMax = 64 * 1024;
    private const int EventsMax = 100;

    // Every name of an object is compared with the ones before it.
    private const int NamesMax = 16;

    private readonly ReadOnlySpan<byte> _body;
    private Utf8JsonReader _reader;

    private EventJson(ReadOnlySpan<byte> body)
    {
        _body = body;
        _reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = RequestBody.DepthMax });
    }

    /// <summary>Reads the events of a body; null where it does not know that they are correct.</summary>
    /// <exception cref="ApiProblem">A string holds half of a surrogate pair.</exception>
    public static StreamEvent[]? TryRead(ReadOnlySpan<byte> body)
    {
        try
        {
            return CanRead(body) ? new EventJson(body).TryRead() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool CanRead(ReadOnlySpan<byte> body)
    {
        if (body.Length > SizeMax || !Utf8.IsValid(body)) return false;
        RequestBody.RefuseHalfCharacters(body);
        return true;
    }

    private StreamEvent[]? TryRead()
    {
        _reader.Read();
        var events = _reader.TokenType switch
        {
            JsonTokenType.StartObject => TryReadEvent() is { } one ? [one] : null,
            JsonTokenType.StartArray => TryReadArray(),
            _ => null,
        };

        // What follows the last token is white space or an error.
        return events is not null && !_reader.Read() ? events : null;
    }

    private StreamEvent[]? TryReadArray()
    {
        var events = new List<StreamEvent>();
        while (_reader.Read() && _reader.TokenType == JsonTokenType.StartObject)
        {
            if (events.Count == EventsMax || TryReadEvent() is not { } one) return null;
            events.Add(one);
        }

        return _reader.TokenType == JsonTokenType.EndArray && events.Count > 0 ? [.. events] : null;
    }

    private StreamEvent? TryReadEvent()
    {
        string? type = null;
        byte[]? data = null;
        Guid? id = null;
        Dictionary<string, string>? metadata = null;
        Span<Range> names = stackalloc Range[NamesMax];
        var count = 0;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!IsNew(names, ref count)) return null;
            var name = _reader.ValueSpan;
            _reader.Read();
            var isRead = name switch
            {
                _ when name.SequenceEqual("type"u8) => TryReadType(out type),
                _ when name.SequenceEqual("data"u8) => TryReadData(out data),
                _ when name.SequenceEqual("id"u8) => TryReadId(out id),
                _ when name.SequenceEqual("metadata"u8) => TryReadMetadata(out metadata),
                _ => false,
            };
            if (!isRead) return null;
        }

        return type is null ? null : new StreamEvent(type, data, id, metadata);
    }

    private readonly bool TryReadType(out string? type)
    {
        type = _reader.TokenType == JsonTokenType.String ? _reader.GetString() : null;
        return type is { Length: > 0 and <= GranaryLimits.EventTypeLengthMax } && !EventTypes.IsReserved(type);
    }

    private bool TryReadData(out byte[]? data)
    {
        var start = (int)_reader.TokenStartIndex;
        var isNull = _reader.TokenType == JsonTokenType.Null;
        data = null;
        if (!TrySkip()) return false;
        var end = (int)_reader.BytesConsumed;
        if (!isNull) data = _body[start..end].ToArray();
        return end - start <= GranaryLimits.EventSizeMax;
    }

    private readonly bool TryReadId(out Guid? id)
    {
        id = null;
        if (_reader.TokenType == JsonTokenType.Null) return true;
        if (_reader.TokenType != JsonTokenType.String || _reader.ValueIsEscaped
            || !Utf8Parser.TryParse(_reader.ValueSpan, out Guid read, out var length, 'D')
            || length != _reader.ValueSpan.Length || read == Guid.Empty)
            return false;
        id = read;
        return true;
    }

    private bool TryReadMetadata(out Dictionary<string, string>? pairs)
    {
        pairs = null;
        if (_reader.TokenType == JsonTokenType.Null) return true;
        if (_reader.TokenType != JsonTokenType.StartObject) return false;
        pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        var size = 0L;
        Span<Range> names = stackalloc Range[NamesMax];
        var count = 0;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!IsNew(names, ref count)) return false;
            var name = _reader.GetString()!;
            if (name.StartsWith(MetadataNames.ReservedPrefix, StringComparison.Ordinal)
                || !_reader.Read() || _reader.TokenType != JsonTokenType.String)
                return false;
            var value = _reader.GetString()!;
            size += EventBody.MetadataSizeAtMost(name, value);
            pairs.Add(name, value);
        }

        // None and an empty one are the same event.
        if (pairs.Count == 0) pairs = null;
        return size <= GranaryLimits.MetadataSizeMax;
    }

    // Skips a value, in which no object may hold a property twice.
    private bool TrySkip()
    {
        if (_reader.TokenType == JsonTokenType.StartArray)
        {
            while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            {
                if (!TrySkip()) return false;
            }
        }
        else if (_reader.TokenType == JsonTokenType.StartObject)
        {
            return TrySkipObject();
        }

        return true;
    }

    private bool TrySkipObject()
    {
        Span<Range> names = stackalloc Range[NamesMax];
        var count = 0;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!IsNew(names, ref count)) return false;
            _reader.Read();
            if (!TrySkip()) return false;
        }

        return true;
    }

    // Names are compared as they are written: one that is escaped may be written in another way.
    private readonly bool IsNew(Span<Range> names, ref int count)
    {
        if (count == names.Length || _reader.ValueIsEscaped) return false;
        var name = _reader.ValueSpan;
        for (var at = 0; at < count; at++)
        {
            if (_body[names[at]].SequenceEqual(name)) return false;
        }

        var start = (int)_reader.TokenStartIndex + 1;
        names[count++] = new Range(start, start + name.Length);
        return true;
    }
}
