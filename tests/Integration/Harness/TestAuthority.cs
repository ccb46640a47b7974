using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Granary.Tests.Integration;

/// <summary>A certificate authority of a test, which issues certificates as files.</summary>
internal sealed class TestAuthority : IDisposable
{
    /// <summary>The password of the keys.</summary>
    public const string Password = "not-to-be-printed-either";

    private readonly TempFolder _folder = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    private int _issued;

    public TestAuthority()
    {
        var request = new CertificateRequest("CN=test authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _certificate = request.CreateSelfSigned(_now.AddDays(-1), _now.AddDays(2));
        Path = Write("authority.pem", _certificate.ExportCertificatePem());
    }

    /// <summary>The file of its own certificate.</summary>
    public string Path { get; }

    /// <summary>Issues a certificate in PEM and its key in a file of its own.</summary>
    public (string Certificate, string Key) IssuePem()
    {
        var (certificate, key) = Issue();
        using (certificate)
        using (key)
        {
            var encryption = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000);
            return (
                Write($"{_issued}.pem", certificate.ExportCertificatePem()),
                Write($"{_issued}.key", key.ExportEncryptedPkcs8PrivateKeyPem(Password, encryption)));
        }
    }

    /// <summary>Issues a certificate with its key as one file.</summary>
    public string IssuePfx()
    {
        var (certificate, key) = Issue();
        using (certificate)
        using (key)
        using (var whole = certificate.CopyWithPrivateKey(key))
        {
            var path = System.IO.Path.Combine(_folder.Path, $"{_issued}.pfx");
            File.WriteAllBytes(path, whole.Export(X509ContentType.Pkcs12, Password));
            return path;
        }
    }

    /// <summary>Writes a file beside its own.</summary>
    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(_folder.Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }

    private (X509Certificate2 Certificate, ECDsa Key) Issue()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=silo {++_issued}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        return (request.Create(_certificate, _now.AddHours(-1), _now.AddDays(1), [1, 2, (byte)_issued]), key);
    }
}
