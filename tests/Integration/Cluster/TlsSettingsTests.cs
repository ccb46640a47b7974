using Granary.Client;
using Microsoft.Extensions.Options;

namespace Granary.Tests.Integration;

public sealed class TlsSettingsTests : IDisposable
{
    private readonly TestAuthority _authority = new();

    [Fact]
    public void Without_settings_there_is_no_TLS() => Assert.Null(ClusterTls.Read(new()));

    [Fact]
    public void A_certificate_is_read_from_PEM_and_from_PFX()
    {
        var (certificate, key) = _authority.IssuePem();

        Assert.NotNull(ClusterTls.Read(Options(certificate, key)));
        Assert.NotNull(ClusterTls.Read(Options(_authority.IssuePfx(), "")));
        var both = _authority.Write("both.pem", File.ReadAllText(certificate) + "\n" + File.ReadAllText(key));
        Assert.NotNull(ClusterTls.Read(Options(both, "")));
    }

    [Fact]
    public void What_would_be_no_TLS_or_trust_everybody_is_refused()
    {
        var pfx = _authority.IssuePfx();

        Refuses("CertificatePath", Options("", ""));
        Refuses("CertificatePath", new() { KeyPath = "key" });
        Refuses("CertificatePath", new() { Password = "password" });
        Refuses("TrustedPath", Options(pfx, "", trusted: ""));
        Refuses("TrustedPath", Options(pfx, "", trusted: _authority.Write("empty.pem", "nothing")));
    }

    [Fact]
    public void A_missing_or_wrong_file_is_named_by_its_setting()
    {
        var (certificate, key) = _authority.IssuePem();
        var (_, another) = _authority.IssuePem();
        var pfx = _authority.IssuePfx();

        Refuses("CertificatePath", Options(certificate + ".gone", key));
        Refuses("CertificatePath", Options(_authority.Write("no.pfx", "nothing"), ""));
        Refuses("CertificatePath", Options(pfx, "", password: "wrong"));
        Refuses("KeyPath", Options(certificate, key + ".gone"));
        Refuses("KeyPath", Options(certificate, ""), "It is not set");
        Refuses("KeyPath", Options(certificate, certificate), "has no key in PEM");
        Refuses("KeyPath", Options(certificate, another));
        Refuses("KeyPath", Options(certificate, key, password: ""));
        Refuses("KeyPath", Options(pfx, key));
        Refuses("TrustedPath", Options(pfx, "", trusted: _authority.Path + ".gone"));
        Refuses("TrustedPath", Options(pfx, "", trusted: key));
    }

    public void Dispose() => _authority.Dispose();

    private static void Refuses(string setting, ClusterTlsOptions options, string reason = "")
    {
        var fault = Assert.Throws<OptionsValidationException>(() => ClusterTls.Read(options));
        Assert.StartsWith($"Granary:Tls:{setting}: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(TestAuthority.Password, fault.Message, StringComparison.Ordinal);
    }

    private ClusterTlsOptions Options(
        string certificate, string key, string password = TestAuthority.Password, string? trusted = null) => new()
        {
            CertificatePath = certificate,
            KeyPath = key,
            Password = password,
            TrustedPath = trusted ?? _authority.Path,
        };
}
