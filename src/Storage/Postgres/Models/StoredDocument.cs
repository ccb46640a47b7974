using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Granary.Storage.Postgres;

/// <summary>
/// How documents are stored as jsonb, which refuses U+0000 and lone surrogates, and changes or refuses some numbers. A
/// text, name or number of that kind is stored as a text: U+FDD0, and then what it was in the JSON. So is the whole
/// document where it nests too deep or has two properties of one name, of which jsonb would keep the last.
/// </summary>
internal static class StoredDocument
{
    // Beyond it a number takes up to this many digits in jsonb for each of its bytes, and beyond a far one it has none.
    private const int ExponentMax = 50;
    private const int NumberLengthMax = 200;

    private const int DepthMax = 500;
    private const char MarkCharacter = '\uFDD0';

    private static readonly JsonDocumentOptions Plain =
        new() { MaxDepth = DepthMax, AllowDuplicateProperties = false };

    private static readonly JsonDocumentOptions Any = new() { MaxDepth = int.MaxValue };
    private static readonly JsonReaderOptions Read = new() { MaxDepth = 2 * DepthMax };

    private static ReadOnlySpan<byte> Mark => "\uFDD0"u8;

    private static ReadOnlySpan<byte> MarkEscaped => "\\uFDD0"u8;

    /// <summary>What is stored of a document.</summary>
    /// <exception cref="ArgumentException">It is no JSON in UTF-8.</exception>
    public static byte[] Encode(ReadOnlyMemory<byte> document)
    {
        if (!Utf8.IsValid(document.Span)) throw new ArgumentException("The document of a model is not in UTF-8.");
        return IsPlain(document) ? EncodeTokens(document.Span) : Marked(document.Span);
    }

    /// <summary>The document that was stored so.</summary>
    public static byte[] Decode(byte[] stored)
    {
        if (stored.AsSpan().IndexOf(Mark) < 0) return stored;
        var reader = new Utf8JsonReader(stored, Read);
        var (document, copied) = (new ArrayBufferWriter<byte>(stored.Length), 0);
        while (reader.Read())
        {
            if (!IsText(reader.TokenType) || !reader.ValueSpan.StartsWith(Mark)) continue;
            var start = (int)reader.TokenStartIndex;
            document.Write(stored.AsSpan(copied, start - copied));
            document.Write(Encoding.UTF8.GetBytes(reader.GetString()![1..]));
            copied = start + reader.ValueSpan.Length + 2;
        }

        document.Write(stored.AsSpan(copied));
        return document.WrittenSpan.ToArray();
    }

    private static byte[] EncodeTokens(ReadOnlySpan<byte> document)
    {
        var reader = new Utf8JsonReader(document, Read);
        var (stored, copied) = (default(ArrayBufferWriter<byte>), 0);
        while (reader.Read())
        {
            var isText = IsText(reader.TokenType);
            var isMarked = isText ? IsMarkedText(reader.ValueSpan, reader.ValueIsEscaped)
                : reader.TokenType == JsonTokenType.Number && IsMarkedNumber(reader.ValueSpan);
            if (!isMarked) continue;
            stored ??= new ArrayBufferWriter<byte>(document.Length + 64);
            var (start, length) = ((int)reader.TokenStartIndex, reader.ValueSpan.Length + (isText ? 2 : 0));
            stored.Write(document[copied..start]);
            stored.Write(Marked(document.Slice(start, length)));
            copied = start + length;
        }

        if (stored is null) return document.ToArray();
        stored.Write(document[copied..]);
        return stored.WrittenSpan.ToArray();
    }

    private static bool IsPlain(ReadOnlyMemory<byte> document)
    {
        try
        {
            JsonDocument.Parse(document, Plain).Dispose();
            return true;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return !IsJson(document);
        }
    }

    private static bool IsJson(ReadOnlyMemory<byte> document)
    {
        try
        {
            JsonDocument.Parse(document, Any).Dispose();
            return true;
        }
        catch (JsonException fault)
        {
            throw new ArgumentException("The document of a model is no JSON.", fault);
        }
    }

    private static byte[] Marked(ReadOnlySpan<byte> json)
    {
        var text = MarkCharacter + Encoding.UTF8.GetString(json);
        var encoded = JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        return [(byte)'"', .. encoded.EncodedUtf8Bytes, (byte)'"'];
    }

    private static bool IsText(JsonTokenType type) => type is JsonTokenType.String or JsonTokenType.PropertyName;

    private static bool IsMarkedText(ReadOnlySpan<byte> text, bool isEscaped)
    {
        if (text.StartsWith(Mark)) return true;
        if (!isEscaped) return false;
        if (text.Length >= MarkEscaped.Length && Ascii.EqualsIgnoreCase(text[..MarkEscaped.Length], MarkEscaped))
            return true;
        for (var at = text.IndexOf((byte)'\\'); at >= 0 && at < text.Length; at++)
        {
            if (text[at] != '\\') continue;
            var unit = UnitAt(text, at);
            if (unit is null)
            {
                at++;
                continue;
            }

            at += 5;
            if (unit == 0 || char.IsLowSurrogate(unit.Value)) return true;
            if (!char.IsHighSurrogate(unit.Value)) continue;
            if (UnitAt(text, at + 1) is not { } low || !char.IsLowSurrogate(low)) return true;
            at += 6;
        }

        return false;
    }

    // What \uXXXX at a position stands for; null where there is none.
    private static char? UnitAt(ReadOnlySpan<byte> text, int at) =>
        at + 6 <= text.Length && text[at] == '\\' && text[at + 1] == 'u'
            ? (char)Convert.ToUInt16(Encoding.ASCII.GetString(text.Slice(at + 2, 4)), 16) : null;

    private static bool IsMarkedNumber(ReadOnlySpan<byte> number)
    {
        if (number.Length > NumberLengthMax) return true;
        var end = number.IndexOfAny((byte)'e', (byte)'E');
        if (number[0] == '-' && number[..(end < 0 ? number.Length : end)].IndexOfAnyInRange((byte)'1', (byte)'9') < 0)
            return true;
        return end >= 0
            && !(int.TryParse(number[(end + 1)..], out var exponent) && Math.Abs((long)exponent) <= ExponentMax);
    }
}
