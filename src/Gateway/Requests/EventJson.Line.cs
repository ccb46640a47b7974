using System.Text.Json;
using Granary.Client;
using Granary.Contracts;

namespace Granary.Gateway;

/// <remarks>
/// Reads the line of an append in the same way: what it does not know to be correct it leaves to
/// <see cref="AppendLine"/>.
/// </remarks>
internal ref partial struct EventJson
{
    /// <summary>Reads the append of a line; null where it does not know that it is correct.</summary>
    /// <exception cref="ApiProblem">A string holds half of a surrogate pair.</exception>
    public static TaggedAppend<LineTag>? TryReadLine(long number, ReadOnlySpan<byte> line)
    {
        try
        {
            return CanRead(line) ? new EventJson(line).TryReadLine(number) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private TaggedAppend<LineTag>? TryReadLine(long number)
    {
        string? id = null;
        string? key = null;
        StreamName? stream = null;
        StreamEvent[]? events = null;
        var expected = ExpectedVersion.Any;
        Span<Range> names = stackalloc Range[NamesMax];
        var count = 0;
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject) return null;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!IsNew(names, ref count)) return null;
            var name = _reader.ValueSpan;
            _reader.Read();
            var isRead = name switch
            {
                _ when name.SequenceEqual("id"u8) => TryReadText(AppendLine.IdLengthMax, out id),
                _ when name.SequenceEqual("stream"u8) => TryReadStream(out stream),
                _ when name.SequenceEqual("events"u8) => TryReadEvents(out events),
                _ when name.SequenceEqual("expected"u8) => TryReadVersion(out expected),
                _ when name.SequenceEqual("idempotencyKey"u8) =>
                    TryReadText(RequestHeaders.IdempotencyKeyLengthMax, out key),
                _ => false,
            };
            if (!isRead) return null;
        }

        if (id is null || stream is null || events is null || _reader.Read()) return null;
        return new(new(number, id, expected), stream.Value, new StreamAppend(events, expected, key));
    }

    private readonly bool TryReadText(int lengthMax, out string? text)
    {
        text = _reader.TokenType == JsonTokenType.String ? _reader.GetString() : null;
        return text is { Length: > 0 } && text.Length <= lengthMax;
    }

    private readonly bool TryReadStream(out StreamName? stream)
    {
        stream = null;
        if (_reader.TokenType != JsonTokenType.String
            || !StreamName.TryParse(_reader.GetString()!, out var name, out _)) return false;
        stream = name;
        return true;
    }

    private bool TryReadEvents(out StreamEvent[]? events)
    {
        events = _reader.TokenType == JsonTokenType.StartArray ? TryReadArray() : null;
        return events is not null;
    }

    private readonly bool TryReadVersion(out ExpectedVersion expected)
    {
        expected = ExpectedVersion.Any;
        if (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetInt64(out var version) || version < 0)
            return false;
        expected = ExpectedVersion.Exactly(new StreamVersion(version));
        return true;
    }
}
