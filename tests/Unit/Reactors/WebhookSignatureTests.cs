using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Granary.Runtime;

namespace Granary.Tests.Unit.Reactors;

/// <summary>The example of the documentation accepts what is signed here, and nothing else.</summary>
public sealed class WebhookSignatureTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);

    [Fact]
    public void A_signature_is_accepted_for_its_body_its_secret_and_five_minutes()
    {
        byte[] body = [.. """{"specversion":"1.0","id":"1"}"""u8];
        var header = new WebhookSignature(Secret).Sign(Now, body);
        Assert.Equal(
            "t=1767225600,v1=bf37eff788ed6492a5667f3eaee3679e17f17c3a136bc39a6fc3d1b19f5ebfdf", header);
        Assert.True(IsFromGranary(header, body, Secret, Now.AddSeconds(300)));
        Assert.True(IsFromGranary(new WebhookSignature("other", Secret).Sign(Now, body), body, Secret, Now));
        Assert.False(IsFromGranary(header, [.. body, 32], Secret, Now));
        Assert.False(IsFromGranary(header, body, "other", Now));
        Assert.False(IsFromGranary(header, body, Secret, Now.AddSeconds(301)));
        Assert.False(IsFromGranary("", body, Secret, Now));
    }

    private static bool IsFromGranary(string header, ReadOnlySpan<byte> body, string secret, DateTimeOffset now)
    {
        var parts = header.Split(',').Select(part => part.Split('=', 2)).Where(part => part.Length == 2).ToArray();
        var seconds = parts.FirstOrDefault(part => part[0] == "t")?[1] ?? "";
        if (!long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var at)) return false;
        if (Math.Abs(now.ToUnixTimeSeconds() - at) > 300) return false;
        byte[] signed = [.. Encoding.UTF8.GetBytes(seconds + "."), .. body];
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed);
        var expected = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash));
        return parts.Any(part => part[0] == "v1"
            && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(part[1]), expected));
    }
}
