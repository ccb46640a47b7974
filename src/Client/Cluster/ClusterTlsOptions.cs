namespace Granary.Client;

/// <summary>TLS between silos, and between them and their clients. Both sides show a certificate.</summary>
internal sealed class ClusterTlsOptions
{
    /// <summary>
    /// The file of this process's certificate, for servers and clients: PEM, or PFX with its key. Without it silos and
    /// their clients speak without encryption.
    /// </summary>
    public string CertificatePath { get; set; } = "";

    /// <summary>The file of the certificate's key, in PEM; unused where it is in the certificate's file.</summary>
    public string KeyPath { get; set; } = "";

    /// <summary>
    /// The password of the key or of the PFX file. Set it by the environment: a command line can be read by every user
    /// of the machine.
    /// </summary>
    public string Password { get; set; } = "";

    /// <summary>
    /// The file of the certificates in PEM that issue those of the cluster. Whoever has a certificate of theirs is a
    /// silo or a client, so they issue no others.
    /// </summary>
    public string TrustedPath { get; set; } = "";
}
