using System.Globalization;
using System.Net;

namespace Granary.Tests.Integration;

/// <summary>
/// Three silos of one cluster, each the shipped executable, on a database of their own. A silo that ends is started
/// again.
/// </summary>
internal sealed class LedgerCluster : IAsyncDisposable
{
    public const int Silos = 3;
    public const int Partitions = 4;
    private const string LogsVariable = "GRANARY_LEDGER_LOGS";

    private readonly PostgresDatabase _database;
    private readonly List<FreePorts> _ports = [];
    private readonly string _id = $"test-{Uuid7.New(TimeProvider.System):n}";

    private LedgerCluster(PostgresDatabase database)
    {
        _database = database;
        Nodes = [.. Enumerable.Range(0, Silos).Select(Start)];
        Http = new LedgerHttp([.. Nodes.Select(static one => one.Url)]);
    }

    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>Requests to any of the silos.</summary>
    public LedgerHttp Http { get; }

    /// <summary>Starts it; skips the test where the machine has no servers for it.</summary>
    public static async Task<LedgerCluster> StartAsync()
    {
        Assert.SkipWhen(RedisServer.SkipReason is not null, RedisServer.SkipReason ?? "");
        var cluster = new LedgerCluster(await PostgresDatabase.CreateAsync());
        try
        {
            await cluster.WaitReadyAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes when every silo answers that it is ready.</summary>
    public async Task WaitReadyAsync()
    {
        foreach (var node in Nodes)
        {
            var ready = await Http.SendToAsync(node.Url, HttpMethod.Get, "/health/ready");
            Assert.True(ready?.Status == HttpStatusCode.OK, $"{node.Name} is not ready: {ready}\n{node.LastOutput}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Nodes.Select(static one => one.DisposeAsync().AsTask()));
        Http.Dispose();
        await _database.DisposeAsync();
        foreach (var ports in _ports) ports.Dispose();
    }

    private Node Start(int number)
    {
        var ports = FreePorts.Reserve(3);
        _ports.Add(ports);
        var url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[0]}"));
        return new Node($"silo-{number}", url, [],
        [
            $"--Granary:SiloPort={ports[1]}", $"--Granary:GatewayPort={ports[2]}", "--Granary:Cluster=redis",
            $"--Granary:ClusterConnectionString={RedisServer.ConnectionString}", $"--Granary:ClusterId={_id}",
            $"--Granary:ServiceId={_id}", "--Granary:Membership:ProbeTimeoutMs=1000",
            "--Granary:Membership:ProbesMissedMax=2", "--Granary:Store=postgres",
            $"--Granary:PartitionCount={Partitions}",
            $"--Granary:Postgres:ConnectionString={_database.ConnectionString}",
        ],
        Environment.GetEnvironmentVariable(LogsVariable));
    }
}
