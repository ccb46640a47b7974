using System.Buffers;
using System.Globalization;
using System.Text;

namespace Granary.Gateway;

/// <summary>Decodes percent-encoded UTF-8, and accepts nothing that is not.</summary>
internal static class PercentEncoding
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The decoded text, or null where an encoding is incomplete or is not UTF-8.</summary>
    /// <param name="text">The encoded text.</param>
    /// <param name="keepSlash">Whether <c>%2F</c> stays encoded, as a server leaves it in a path.</param>
    public static string? TryDecode(string text, bool keepSlash = false)
    {
        if (!text.Contains('%')) return text;
        var bytes = new ArrayBufferWriter<byte>(text.Length);
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var at = rest.IndexOf('%');
            var plain = at < 0 ? rest : rest[..at];
            Encoding.UTF8.GetBytes(plain, bytes);
            rest = rest[plain.Length..];
            if (rest.IsEmpty) break;
            if (rest.Length < 3
                || !byte.TryParse(
                    rest[1..3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var one))
                return null;
            if (one == '/' && keepSlash) Encoding.UTF8.GetBytes(rest[..3], bytes);
            else bytes.Write([one]);
            rest = rest[3..];
        }

        try
        {
            return StrictUtf8.GetString(bytes.WrittenSpan);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
