using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Orleans.Connections.Security;

namespace Granary.Client;

/// <summary>The certificates of a process, read once.</summary>
internal sealed class ClusterTls
{
    private const string Group = $"{ClientSettings.Section}:Tls:";
    private const string PemLabel = "-----BEGIN ";

    // It is shown to the other side and not checked there: silos are known by their addresses, which change.
    private const string TargetHost = "granary";

    private readonly X509Certificate2 _own;
    private readonly X509Certificate2Collection _trusted;

    private ClusterTls(X509Certificate2 own, X509Certificate2Collection trusted) => (_own, _trusted) = (own, trusted);

    /// <summary>Reads the files; null where no certificate is set.</summary>
    /// <exception cref="OptionsValidationException">
    /// A file is missing or wrong; the message names its setting.
    /// </exception>
    public static ClusterTls? Read(ClusterTlsOptions options)
    {
        if (options.CertificatePath.Length == 0)
        {
            // With what is set it is not meant to be without encryption.
            return options.KeyPath.Length + options.Password.Length + options.TrustedPath.Length == 0
                ? null
                : throw Fault(
                    nameof(options.CertificatePath),
                    "It is not set, but other settings of TLS are. Set it to the file of this process's certificate.");
        }

        if (options.TrustedPath.Length == 0)
        {
            throw Fault(
                nameof(options.TrustedPath),
                "It is not set. Set it to the file of the certificates that issue those of the cluster.");
        }

        var own = ReadOwn(options);
        if (own.HasPrivateKey) return new ClusterTls(own, ReadTrusted(options.TrustedPath));
        throw Fault(
            nameof(options.KeyPath),
            options.KeyPath.Length > 0
                ? $"'{options.KeyPath}' has no key in PEM. Set it to the file of the key."
                : $"It is not set, and '{options.CertificatePath}' has no key. Set it to the file of the key.");
    }

    /// <summary>Requires a trusted certificate of the other side, and shows the own one.</summary>
    public void Apply(TlsOptions tls)
    {
        tls.LocalCertificate = _own;
        tls.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.RemoteCertificateValidation = IsTrusted;
        tls.OnAuthenticateAsClient = static (_, client) => client.TargetHost = TargetHost;
    }

    private static X509Certificate2 ReadOwn(ClusterTlsOptions options)
    {
        var text = ReadText(options.CertificatePath, nameof(options.CertificatePath));
        var isPem = text.Contains(PemLabel, StringComparison.Ordinal);
        if (!isPem && options.KeyPath.Length > 0)
        {
            throw Fault(
                nameof(options.KeyPath),
                $"It is set, but '{options.CertificatePath}' is no PEM: a PFX file has its key. Remove one of them.");
        }

        try
        {
            return isPem
                ? OfPem(text, options)
                : X509CertificateLoader.LoadPkcs12FromFile(options.CertificatePath, options.Password);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            throw Fault(
                options.KeyPath.Length > 0 ? nameof(options.KeyPath) : nameof(options.CertificatePath),
                $"The certificate '{options.CertificatePath}' and its key cannot be read: a file is damaged or of "
                + $"another kind, the key is another one's, or {Group}{nameof(options.Password)} is wrong.");
        }
    }

    private static X509Certificate2 OfPem(string text, ClusterTlsOptions options)
    {
        var key = options.KeyPath.Length == 0 ? text : ReadText(options.KeyPath, nameof(options.KeyPath));
        if (!key.Contains(" KEY-----", StringComparison.Ordinal)) return X509Certificate2.CreateFromPem(text);
        using var pem = options.Password.Length == 0
            ? X509Certificate2.CreateFromPem(text, key)
            : X509Certificate2.CreateFromEncryptedPem(text, key, options.Password);

        // Windows takes no key for TLS that was never in a file of this kind.
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    private static X509Certificate2Collection ReadTrusted(string path)
    {
        var text = ReadText(path, nameof(ClusterTlsOptions.TrustedPath));
        var trusted = new X509Certificate2Collection();
        try
        {
            trusted.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            // It is reported as a file without one.
        }

        return trusted.Count > 0
            ? trusted
            : throw Fault(nameof(ClusterTlsOptions.TrustedPath), $"'{path}' has no certificate in PEM.");
    }

    private static string ReadText(string path, string setting)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Fault(setting, $"'{path}' cannot be read: {fault.Message}");
        }
    }

    // A certificate is the cluster's if one of the trusted issued it, whatever name it has and whomever the machine
    // trusts.
    private bool IsTrusted(X509Certificate2 certificate, X509Chain? shown, SslPolicyErrors errors)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.CustomTrustStore.AddRange(_trusted);
        if (shown is not null) chain.ChainPolicy.ExtraStore.AddRange(shown.ChainPolicy.ExtraStore);
        return chain.Build(certificate);
    }

    private static OptionsValidationException Fault(string setting, string message) =>
        new(ClientSettings.Section, typeof(ClusterTlsOptions), [$"{Group}{setting}: {message}"]);
}
