using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Granary;

/// <summary>
/// How the keys of grains are written as the keys of streams, and read again. Orleans writes an integer key in
/// hexadecimal, which users would not search for. Both ways are exact: two keys never have one text, and a text that is
/// not written so belongs to no key.
/// </summary>
public static class GrainKeys
{
    /// <summary>
    /// The property of a grain type in the cluster's manifest that holds its <see cref="GrainKeyKind"/>; absent for
    /// <see cref="GrainKeyKind.Text"/>.
    /// </summary>
    public const string KindProperty = "granary.key-kind";

    private const int GuidLength = 32;
    private const int IntegerLengthMax = 16;
    private const byte Separator = (byte)'+';

    /// <summary>
    /// The kind of keys that a grain class has by its interfaces. A class with interfaces of several kinds has text.
    /// </summary>
    public static GrainKeyKind KindOf(Type grainClass)
    {
        var isInteger = Has<IGrainWithIntegerKey>(grainClass) || Has<IGrainWithIntegerCompoundKey>(grainClass);
        var isGuid = Has<IGrainWithGuidKey>(grainClass) || Has<IGrainWithGuidCompoundKey>(grainClass);
        if (isInteger == isGuid || Has<IGrainWithStringKey>(grainClass)) return GrainKeyKind.Text;
        return isInteger ? GrainKeyKind.Integer : GrainKeyKind.Guid;
    }

    /// <summary>Writes a grain's key as the key of its stream.</summary>
    /// <returns>Whether the key is one that Orleans makes of such a value; only such keys have streams.</returns>
    public static bool TryToStreamKey(GrainKeyKind kind, IdSpan key, [NotNullWhen(true)] out string? streamKey)
    {
        var utf8 = key.AsSpan();
        var end = kind == GrainKeyKind.Text ? 0 : EndOf(kind, utf8);
        var value = kind switch
        {
            GrainKeyKind.Integer => Integer(utf8[..end]),
            GrainKeyKind.Guid => Guid(utf8[..end]),
            _ => "",
        };
        var isWritten = value is not null && Utf8.IsValid(utf8);
        streamKey = isWritten ? value + Encoding.UTF8.GetString(utf8[end..]) : null;
        return isWritten;
    }

    /// <summary>Reads the key of a stream as the key of its grain.</summary>
    /// <returns>Whether the text is written as <see cref="TryToStreamKey"/> writes it.</returns>
    public static bool TryToGrainKey(GrainKeyKind kind, string streamKey, out IdSpan key)
    {
        ArgumentNullException.ThrowIfNull(streamKey);
        var plus = streamKey.IndexOf('+', StringComparison.Ordinal);
        var value = plus < 0 ? streamKey : streamKey[..plus];
        var text = kind switch
        {
            GrainKeyKind.Integer => IntegerText(value),
            GrainKeyKind.Guid => GuidText(value),
            _ => value,
        };
        key = text is null ? default : IdSpan.Create(plus < 0 ? text : text + streamKey[plus..]);
        return text is not null;
    }

    private static bool Has<TInterface>(Type grainClass) => typeof(TInterface).IsAssignableFrom(grainClass);

    // Where the value ends, and the text beside it begins with its separator.
    private static int EndOf(GrainKeyKind kind, ReadOnlySpan<byte> utf8)
    {
        if (kind == GrainKeyKind.Guid)
            return utf8.Length > GuidLength && utf8[GuidLength] == Separator ? GuidLength : utf8.Length;
        var plus = utf8.IndexOf(Separator);
        return plus < 0 ? utf8.Length : plus;
    }

    private static string? Integer(ReadOnlySpan<byte> utf8)
    {
        Span<byte> written = stackalloc byte[IntegerLengthMax];
        return Utf8Parser.TryParse(utf8, out long value, out var read, 'X')
            && read == utf8.Length
            && Utf8Formatter.TryFormat(value, written, out var length, 'X')
            && utf8.SequenceEqual(written[..length])
            ? value.ToString(CultureInfo.InvariantCulture)
            : null;
    }

    private static string? Guid(ReadOnlySpan<byte> utf8)
    {
        Span<byte> written = stackalloc byte[GuidLength];
        return Utf8Parser.TryParse(utf8, out Guid value, out var read, 'N')
            && read == utf8.Length
            && Utf8Formatter.TryFormat(value, written, out _, 'N')
            && utf8.SequenceEqual(written)
            ? value.ToString("D")
            : null;
    }

    private static string? IntegerText(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
        && value.ToString(CultureInfo.InvariantCulture) == text
            ? value.ToString("X", CultureInfo.InvariantCulture)
            : null;

    private static string? GuidText(string text) =>
        System.Guid.TryParseExact(text, "D", out var value) && value.ToString("D") == text ? value.ToString("N") : null;
}
