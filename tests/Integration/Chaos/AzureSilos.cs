using System.Globalization;
using System.Net;
using Azure.Data.Tables;

namespace Granary.Tests.Integration;

/// <summary>
/// Two silos of one cluster that has its members and its events in one storage account. Each reaches the account
/// through
/// proxies of its own, and is started again whenever it ends.
/// </summary>
internal sealed class AzureSilos : IAsyncDisposable
{
    public const int Count = 2;
    public const int Partitions = 4;
    private const string MembersTable = "OrleansSiloInstances";
    private const string LogsVariable = "GRANARY_CHAOS_LOGS";

    private readonly string _id = $"test{Uuid7.New(TimeProvider.System):n}";
    private readonly List<FreePorts> _ports = [];
    private readonly List<TcpProxy>[] _proxies = [[], []];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private AzureSilos() => Nodes = [.. Enumerable.Range(0, Count).Select(Start)];

    public IReadOnlyList<Node> Nodes { get; }

    public IReadOnlyList<Uri> Urls => [.. Nodes.Select(static one => one.Url)];

    public static async Task<AzureSilos> StartAsync()
    {
        var silos = new AzureSilos();
        try
        {
            await silos.WaitReadyAsync(TimeSpan.FromMinutes(2));
            return silos;
        }
        catch
        {
            await silos.DisposeAsync();
            throw;
        }
    }

    /// <summary>Nothing passes any more between a silo and the account.</summary>
    public void Cut(int silo) => _proxies[silo].ForEach(static one => one.Cut());

    /// <summary>What was kept back passes, and all that follows.</summary>
    public void Heal(int silo) => _proxies[silo].ForEach(static one => one.Heal());

    /// <summary>Completes when every silo answers that it is ready.</summary>
    public async Task WaitReadyAsync(TimeSpan timeout)
    {
        var token = TestContext.Current.CancellationToken;
        var begun = TimeProvider.System.GetTimestamp();
        foreach (var node in Nodes)
        {
            while (!await node.IsReadyAsync(_http, token))
            {
                Assert.True(TimeProvider.System.GetElapsedTime(begun) < timeout,
                    $"{node.Name} is not ready within {timeout.TotalSeconds} s:\n{node.LastOutput}");
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, token);
            }
        }
    }

    /// <summary>Completes when the list of members has it that a silo, as it was started last, is dead.</summary>
    public async Task WaitDeclaredDeadAsync(int silo, TimeSpan timeout)
    {
        var token = TestContext.Current.CancellationToken;
        var begun = TimeProvider.System.GetTimestamp();
        var members = new TableClient(AzuriteServer.ConnectionString, MembersTable);
        while (true)
        {
            var last = (Generation: 0L, Status: "");
            await foreach (var row in members.QueryAsync<TableEntity>(
                TableClient.CreateQueryFilter($"PartitionKey eq {_id}"), cancellationToken: token))
            {
                if (!row.TryGetValue("Port", out var port) || $"{port}" != $"{_ports[silo][1]}") continue;
                var generation = long.Parse($"{row["Generation"]}", CultureInfo.InvariantCulture);
                if (generation > last.Generation) last = (generation, $"{row["Status"]}");
            }

            if (last.Status == "Dead") return;
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < timeout,
                $"{Nodes[silo].Name} is {last.Status}, and not declared dead:\n{Nodes[1 - silo].LastOutput}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Nodes.Select(static one => one.DisposeAsync().AsTask()));
        foreach (var proxy in _proxies.SelectMany(static one => one)) await proxy.DisposeAsync();
        foreach (var ports in _ports) ports.Dispose();
        _http.Dispose();
    }

    private Node Start(int silo)
    {
        var ports = FreePorts.Reserve(3);
        _ports.Add(ports);
        var account = string.Join(';', AzuriteServer.ConnectionString.Split(';').Select(part => Proxied(part, silo)));
        var url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[0]}"));
        return new Node($"azure-silo-{silo}", url, [],
        [
            $"--Granary:SiloPort={ports[1]}", $"--Granary:GatewayPort={ports[2]}", "--Granary:Cluster=azure",
            $"--Granary:ClusterConnectionString={account}", $"--Granary:ClusterId={_id}", $"--Granary:ServiceId={_id}",
            "--Granary:Membership:ProbeTimeoutMs=1000", "--Granary:Membership:ProbesMissedMax=2",
            "--Granary:Store=azure", $"--Granary:Azure:Name={_id}", $"--Granary:PartitionCount={Partitions}",
        ],
        Environment.GetEnvironmentVariable(LogsVariable));
    }

    private string Proxied(string part, int silo)
    {
        if (!part.Contains("Endpoint=", StringComparison.Ordinal)) return part;
        var (name, address) = (part.Split('=')[0], new Uri(part.Split('=', 2)[1]));
        Assert.SkipUnless(address is { IsLoopback: true, Scheme: "http" }, "Only an emulator is cut off.");
        var proxy = new TcpProxy(IPAddress.Loopback, address.Port);
        _proxies[silo].Add(proxy);
        return string.Create(CultureInfo.InvariantCulture,
            $"{name}=http://127.0.0.1:{proxy.EndPoint.Port}{address.AbsolutePath}");
    }
}
