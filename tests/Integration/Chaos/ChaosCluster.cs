using System.Globalization;
using System.Net;

namespace Granary.Tests.Integration;

/// <summary>
/// Three silos and two gateways of one cluster, and a process that is another cluster on the same database, on servers
/// of their own. Each silo reaches the servers through proxies of its own.
/// </summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    public const int Silos = 3;
    private const string LogsVariable = "GRANARY_CHAOS_LOGS";
    private const int Gateways = 2;

    private readonly List<FreePorts> _ports = [];
    private readonly List<Node> _silos = [];
    private readonly List<Node> _gateways = [];
    private readonly string? _logs = Environment.GetEnvironmentVariable(LogsVariable);
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2) };

    private ChaosCluster(PostgresServer postgres, RedisProcess redis, SiloNetwork network)
    {
        (Postgres, Redis, Network) = (postgres, redis, network);
        Stores = [.. Enumerable.Range(0, Silos).Select(_ => new TcpProxy(network.Host, PortOf(postgres)))];
        Members = [.. Enumerable.Range(0, Silos).Select(_ => new TcpProxy(network.Host, redis.Port))];
        OtherStore = new TcpProxy(IPAddress.Loopback, PortOf(postgres));
        for (var silo = 0; silo < Silos; silo++) _silos.Add(StartSilo(silo));
        for (var gateway = 0; gateway < Gateways; gateway++) _gateways.Add(StartGateway(gateway));
        Other = StartOther();
    }

    public PostgresServer Postgres { get; }

    public RedisProcess Redis { get; }

    public SiloNetwork Network { get; }

    /// <summary>Between each silo and PostgreSQL.</summary>
    public IReadOnlyList<TcpProxy> Stores { get; }

    /// <summary>Between each silo and Redis.</summary>
    public IReadOnlyList<TcpProxy> Members { get; }

    /// <summary>Between the other cluster and PostgreSQL.</summary>
    public TcpProxy OtherStore { get; }

    public IReadOnlyList<Node> SiloNodes => _silos;

    public IReadOnlyList<Node> GatewayNodes => _gateways;

    /// <summary>A silo that serves the API, of another cluster.</summary>
    public Node Other { get; }

    public IEnumerable<Node> All => [.. _silos, .. _gateways, Other];

    /// <summary>Where the API is served.</summary>
    public IReadOnlyList<Uri> Urls => [.. _gateways.Select(static one => one.Url), Other.Url];

    public static async Task<ChaosCluster> StartAsync()
    {
        var postgres = await Task.Run(static () => new PostgresServer());
        var network = await SiloNetwork.CreateAsync(Silos);
        var cluster = new ChaosCluster(postgres, await RedisProcess.StartAsync(), network);
        try
        {
            await cluster.WaitReadyAsync(TimeSpan.FromMinutes(2));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes when every process answers that it is ready.</summary>
    public async Task WaitReadyAsync(TimeSpan timeout)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(timeout);
        foreach (var node in All)
        {
            try
            {
                while (!await node.IsReadyAsync(_http, limit.Token))
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, limit.Token);
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                Assert.Fail($"{node.Name} is not ready within {timeout.TotalSeconds} s:\n{node.LastOutput}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(All.Select(static one => one.DisposeAsync().AsTask()));
        foreach (var proxy in Stores.Concat(Members).Append(OtherStore)) await proxy.DisposeAsync();
        await Redis.DisposeAsync();
        await Network.DisposeAsync();
        await Task.Run(Postgres.Dispose);
        foreach (var ports in _ports) ports.Dispose();
        _http.Dispose();
    }

    private static int PortOf(PostgresServer postgres) =>
        new Npgsql.NpgsqlConnectionStringBuilder(postgres.PrivateConnectionString).Port;

    private static string[] Cluster(string id, IPEndPoint redis) =>
    [
        "--Granary:Cluster=redis", $"--Granary:ClusterConnectionString={redis}", $"--Granary:ClusterId={id}",
        $"--Granary:ServiceId={id}", "--Granary:Membership:ProbeTimeoutMs=1000",
        "--Granary:Membership:ProbesMissedMax=2",
    ];

    private static string[] Store(IPEndPoint postgres) =>
    [
        "--Granary:Store=postgres",
        string.Create(CultureInfo.InvariantCulture, $"--Granary:Postgres:ConnectionString=Host={postgres.Address};")
            + string.Create(CultureInfo.InvariantCulture, $"Port={postgres.Port};Database=postgres;Username=postgres"),
    ];

    private Node StartSilo(int silo)
    {
        var ports = Reserve(3);
        var address = Network.AddressOf(silo);
        return new Node($"silo-{silo}", Url(address, ports[0]), Network.Prefix(silo),
        [
            "--Granary:Role=silo", $"--Granary:AdvertisedAddress={address}", $"--Granary:SiloPort={ports[1]}",
            $"--Granary:GatewayPort={ports[2]}", .. Cluster("chaos", Members[silo].EndPoint),
            .. Store(Stores[silo].EndPoint),
        ], _logs);
    }

    private Node StartGateway(int gateway) =>
        new($"gateway-{gateway}", Url(IPAddress.Loopback, Reserve(1)[0]), [],
            ["--Granary:Role=gateway", .. Cluster("chaos", new IPEndPoint(IPAddress.Loopback, Redis.Port))], _logs);

    private Node StartOther()
    {
        var ports = Reserve(3);
        return new Node("other cluster", Url(IPAddress.Loopback, ports[0]), [],
        [
            $"--Granary:SiloPort={ports[1]}", $"--Granary:GatewayPort={ports[2]}",
            .. Cluster("chaos-other", new IPEndPoint(IPAddress.Loopback, Redis.Port)), .. Store(OtherStore.EndPoint),
        ], _logs);
    }

    private FreePorts Reserve(int count)
    {
        var ports = FreePorts.Reserve(count);
        _ports.Add(ports);
        return ports;
    }

    private static Uri Url(IPAddress address, int port) => new($"http://{address}:{port}");
}
