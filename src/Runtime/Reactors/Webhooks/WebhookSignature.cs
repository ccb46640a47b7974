using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Granary.Runtime;

/// <summary>
/// Signs a request: <c>t=seconds,v1=hex</c>, the HMAC-SHA-256 of the seconds, a dot and the body. With two secrets
/// there are two <c>v1</c>.
/// </summary>
internal sealed class WebhookSignature(params IReadOnlyList<string> secrets)
{
    public const string Header = "Granary-Signature";

    private readonly byte[][] _keys = [.. secrets.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The header's value.</summary>
    public string Sign(DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        var seconds = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes(seconds), (byte)'.', .. body];
        var text = new StringBuilder($"t={seconds}");
        foreach (var key in _keys)
            text.Append(",v1=").Append(Convert.ToHexStringLower(HMACSHA256.HashData(key, signed)));
        return text.ToString();
    }
}
