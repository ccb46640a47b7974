using System.Net;
using System.Text.Json.Nodes;
using StackExchange.Redis;

namespace Granary.Tests.Integration;

/// <summary>The application of deploy/aspire, over servers that run already.</summary>
public sealed class AppHostTests
{
    private const string AnyPort = "http://127.0.0.1:0";

    // The tests share one Redis.
    private readonly string _cluster = $"aspire-{Uuid7.New(TimeProvider.System):n}";

    [Fact]
    public async Task Two_silos_and_a_gateway_start_and_append_to_the_log()
    {
        Assert.SkipWhen(RedisServer.SkipReason is not null, RedisServer.SkipReason ?? "");
        var token = TestContext.Current.CancellationToken;
        await using var database = await PostgresDatabase.CreateAsync();
        using var folder = new TempFolder();
        using var ports = FreePorts.Reserve(1);

        await using var host = Start(database.ConnectionString, ports[0], folder.Path);

        foreach (var sign in (string[])
            ["Starting DCP", "application started", "silo-1 is ready", "silo-2 is ready", "gateway is ready"])
            await host.LineAsync(line => line.Contains(sign, StringComparison.Ordinal), token);
        using var api = new Api(new Uri($"http://127.0.0.1:{ports[0]}"));
        var appended = await api.PostAsync("/api/streams/orders/42", JsonNode.Parse("""{"type":"placed"}""")!);
        appended.Is(HttpStatusCode.Created);
        Assert.Equal(1L, await database.ReadAsync<long>("select count(*) from granary.event_log"));
        Assert.Equal(2, await ActiveSilosAsync());

        await host.TerminateAsync(token);
        Assert.Equal(0, host.ExitCode);
    }

    private async Task<int> ActiveSilosAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(RedisServer.ConnectionString);
        var members = await redis.GetDatabase().HashGetAllAsync($"granary/members/{_cluster}");
        return members.Where(static one => one.Name.StartsWith("S"))
            .Count(static one => (int)JsonNode.Parse((string)one.Value!)!["Status"]! == (int)SiloStatus.Active);
    }

    private ChildProcess Start(string log, int apiPort, string folder)
    {
        // Beside the tests' own folder: bin/Release/net10.0 of another project.
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var assembly = DeployFolder.Of("aspire", "bin", output.Parent!.Name, output.Name, "Granary.AppHost.dll");
        return ChildProcess.Run(
            ["dotnet", "exec", assembly],
            folder,
            [
                ("ConnectionStrings__log", log),
                ("ConnectionStrings__cluster", RedisServer.ConnectionString),
                ("Granary__ClusterId", _cluster),
                ("ApiPort", $"{apiPort}"),
                ("ASPIRE_ALLOW_UNSECURED_TRANSPORT", "true"),
                ("ASPNETCORE_URLS", AnyPort),
                ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", AnyPort),
                ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", AnyPort),
            ]);
    }
}
