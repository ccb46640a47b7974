using System.ComponentModel.DataAnnotations;
using System.Net;
using Granary.Client;
using Granary.Runtime;
using Granary.Storage.AzureStorage;
using Granary.Storage.Postgres;
using Granary.Storage.Sqlite;

namespace Granary.Silo;

/// <summary>The silo's settings, under <c>Granary</c>: appsettings.json, environment or command line.</summary>
internal sealed class GranarySiloOptions : IValidatableObject
{
    private const string IdPattern = "^[A-Za-z0-9._-]{1,100}$";
    private const string IdFault = "It must be 1 to 100 letters, digits, dots, hyphens and underscores.";

    /// <summary>What the process does: it is a silo, it serves the API of a cluster, or both.</summary>
    public Role Role { get; set; }

    /// <summary>
    /// Where events are kept: sqlite, in a file of this machine, or postgres, in a database, or azure, in a storage
    /// account, which many silos share.
    /// </summary>
    public StoreKind Store { get; set; }

    /// <summary>The folder of the data; it is created, for this user alone. Used with sqlite alone.</summary>
    [Required(AllowEmptyStrings = false)]
    public string DataPath { get; set; } = "granary-data";

    /// <summary>
    /// Where the HTTP API listens: http, and an IP address or localhost, as in http://127.0.0.1:5210. Nothing else
    /// decides it.
    /// </summary>
    [Required(AllowEmptyStrings = false)]
    public string Url { get; set; } = "http://127.0.0.1:5210";

    /// <summary>The port for other silos, on ListenAddress.</summary>
    [Range(1, 65_535)]
    public int SiloPort { get; set; } = 11_210;

    /// <summary>The port for Orleans clients, on ListenAddress.</summary>
    [Range(1, 65_535)]
    public int GatewayPort { get; set; } = 30_210;

    /// <summary>
    /// Where the silos of the cluster find each other, and where reminders and the state of grains that is no event are
    /// kept. With localhost the silo is alone, and they are lost when it stops.
    /// </summary>
    public ClusterKind Cluster { get; set; }

    /// <summary>
    /// How Cluster is reached: a connection string of Redis, PostgreSQL or Azure Storage. With a password, set it by
    /// the environment: a command line can be read by every user of the machine.
    /// </summary>
    public string ClusterConnectionString { get; set; } = "";

    /// <summary>The silos with one ClusterId at one Cluster are a cluster.</summary>
    [Required, RegularExpression(IdPattern, ErrorMessage = IdFault)]
    public string ClusterId { get; set; } = "granary";

    /// <summary>
    /// Reminders and the state of grains belong to it; it stays when a cluster is replaced by another.
    /// </summary>
    [Required, RegularExpression(IdPattern, ErrorMessage = IdFault)]
    public string ServiceId { get; set; } = "granary";

    /// <summary>
    /// Where other silos and Orleans clients reach this silo: an IP address, or a host name that is resolved when the
    /// silo starts.
    /// </summary>
    [Required(AllowEmptyStrings = false)]
    public string AdvertisedAddress { get; set; } = "127.0.0.1";

    /// <summary>
    /// The IP address of this machine on which SiloPort and GatewayPort are opened; by default AdvertisedAddress.
    /// </summary>
    public string ListenAddress { get; set; } = "";

    /// <summary>
    /// Whether the silo runs in a pod of Kubernetes: its address is the pod's, and a silo whose pod is gone is declared
    /// dead.
    /// </summary>
    public bool Kubernetes { get; set; }

    /// <summary>
    /// How many partitions the log has; fixed when the store is created. Where it is not set, 1 with sqlite, 4 with
    /// postgres and 16 with azure.
    /// </summary>
    [Range(1, 64)]
    public int? PartitionCount { get; set; }

    /// <summary>Whether the example ledger is served under /api/accounts and /api/transfers.</summary>
    public bool Ledger { get; set; } = true;

    /// <summary>
    /// Who may open the dashboard of Orleans at /dashboard: nobody, callers on this machine, or everyone whom the API
    /// is open to. Every silo of a cluster needs it.
    /// </summary>
    public DashboardAccess Dashboard { get; set; }

    /// <summary>How much the HTTP API reads at once, and who may deliver to it.</summary>
    public GranaryGatewayOptions Gateway { get; } = new();

    /// <summary>How clients of the HTTP API are limited.</summary>
    public HttpOptions Http { get; } = new();

    /// <summary>When the other silos of a cluster declare one dead.</summary>
    public MembershipOptions Membership { get; } = new();

    /// <summary>TLS between silos, and between them and their clients.</summary>
    public ClusterTlsOptions Tls { get; } = new();

    /// <summary>How long a grain's journal retries, and how much it holds.</summary>
    public JournalOptions Journal { get; } = new();

    /// <summary>How much is committed at once.</summary>
    public AppenderOptions Appender { get; } = new();

    /// <summary>When snapshots are taken.</summary>
    public SnapshotOptions Snapshots { get; } = new();

    /// <summary>How models are checked against the log.</summary>
    public TruthCheckOptions TruthCheck { get; } = new();

    /// <summary>What is kept of streams.</summary>
    public SiloRetentionOptions Retention { get; } = new();

    /// <summary>The store in a file; its file and its partitions follow from the options above.</summary>
    public SqliteStoreOptions Sqlite { get; } = new();

    /// <summary>The store in a database; its partitions follow from the options above.</summary>
    public PostgresStoreOptions Postgres { get; } = new();

    /// <summary>
    /// The store in a storage account; its partitions follow from the options above, and with Cluster azure the account
    /// does, where none is named.
    /// </summary>
    public AzureStoreOptions Azure { get; } = new();

    /// <summary>The URL as the server takes it. Only of checked options.</summary>
    public Uri Address => new(Url);

    /// <summary>Where HTTP/2 is served; null for nowhere. Only of checked options.</summary>
    public Uri? Http2Address => Http.Http2Port == 0 ? null : new UriBuilder(Address) { Port = Http.Http2Port }.Uri;

    /// <summary>Whether grains and a store are in this process.</summary>
    public bool IsSilo => Role != Role.Gateway;

    /// <summary>Whether the API can be reached from this machine only.</summary>
    public bool IsLoopback => Address.IsLoopback;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // For every other name the server would listen on all addresses.
        var isGood = Uri.TryCreate(Url, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp
            && url is { PathAndQuery: "/", Fragment: "", UserInfo: "", Port: not 0 }
            && (IPAddress.TryParse(url.DnsSafeHost, out _) || url.Host == "localhost");
        if (!isGood)
            yield return new(
                $"Url is '{Url}'; it must be http, an IP address or localhost, and a port, like http://127.0.0.1:5210.",
                [nameof(Url)]);
        if (SiloPort == GatewayPort || (isGood && (url!.Port == SiloPort || url.Port == GatewayPort)))
            yield return new(
                $"Url, SiloPort and GatewayPort name one port twice: {url?.Port}, {SiloPort} and {GatewayPort}. Each "
                + "listens on a port of its own.",
                [nameof(Url), nameof(SiloPort), nameof(GatewayPort)]);
        if (Http.Http2Port == SiloPort || Http.Http2Port == GatewayPort || (isGood && Http.Http2Port == url!.Port))
            yield return new(
                $"Http:Http2Port is {Http.Http2Port}, which Url, SiloPort or GatewayPort is too. Each listens on a "
                + "port of its own.",
                ["Http:Http2Port"]);
        // Without the choice the events would be in a file, and nobody would miss them before that is lost.
        if (IsSilo && Store == StoreKind.Sqlite && Postgres.ConnectionString.Length > 0)
            yield return new(
                "It is set, but Store is sqlite: set Store to postgres, or remove it.",
                [$"{nameof(Postgres)}:{nameof(Postgres.ConnectionString)}"]);
        if (IsSilo && Store == StoreKind.Sqlite && Azure.HasAccount())
            yield return new(
                "An account is set, but Store is sqlite: set Store to azure, or remove it.", [nameof(Azure)]);
        foreach (var fault in ClusterSettings.Faults(this)) yield return fault;
    }
}

/// <summary>Where events are kept.</summary>
internal enum StoreKind
{
    /// <summary>In a SQLite file.</summary>
    Sqlite,

    /// <summary>In a PostgreSQL database.</summary>
    Postgres,

    /// <summary>In an Azure Storage account.</summary>
    Azure,
}
