using System.Net;

namespace Granary.Tests.Integration;

/// <summary>Silos that serve no API, and gateways that are no silos, as processes of their own.</summary>
public sealed class RoleTests : IDisposable
{
    private const string Gateway = "--Granary:Role=gateway";
    private const string Silo = "--Granary:Role=silo";

    private readonly TempFolder _data = new();
    private readonly TempFolder _empty = new();
    private readonly string _id = $"test-{Uuid7.New(TimeProvider.System):n}";

    public static TheoryData<string> Kinds => new("redis", "postgres");

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_gateway_is_no_silo_and_survives_the_loss_of_a_silo_that_it_is_connected_to(string cluster)
    {
        var reason = cluster == "redis" ? RedisServer.SkipReason : PostgresServer.SkipReason;
        Assert.SkipWhen(reason is not null, reason ?? "");
        await using var one = await SiloProcess.StartAsync(Launch(cluster, _data, Silo));
        await using var other = await SiloProcess.StartAsync(Launch(cluster, _data, Silo));
        await AwaitMembersAsync(one, 2);
        await using var gateway = await SiloProcess.StartAsync(Launch(cluster, _empty, Gateway));

        // A client is connected to every silo of its list.
        for (var stream = 0; stream < 10; stream++)
            (await AppendAsync(gateway, stream)).Is(HttpStatusCode.Created);
        await AwaitMembersAsync(one, 2);
        (await one.Api.GetAsync("/api/streams/role/1/events")).Is(HttpStatusCode.NotFound);
        (await one.Api.GetAsync("/reference")).Is(HttpStatusCode.NotFound);
        (await one.Api.GetAsync("/health/live")).Is(HttpStatusCode.OK);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_empty.Path));

        await other.KillAsync();
        await AwaitMembersAsync(one, 1);
        for (var stream = 0; stream < 10; stream++) await AppendAgainAsync(gateway, stream);
        Assert.Equal(2, (await gateway.Api.PagesAsync("/api/streams/role/3/events")).Count);
        (await gateway.Api.GetAsync("/health/ready")).Is(HttpStatusCode.OK);
        Assert.Contains("API", gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("  data ", gateway.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("  API ", one.Output, StringComparison.Ordinal);
        await gateway.StopAsync();
        Assert.Equal(0, gateway.ExitCode);
    }

    [Fact]
    public async Task A_gateway_that_starts_first_waits_for_a_silo()
    {
        Assert.SkipWhen(RedisServer.SkipReason is not null, RedisServer.SkipReason ?? "");
        await using var gateway = Launch("redis", _empty, Gateway);
        await gateway.SaysAsync($"waits for a silo of cluster {_id} on redis");

        await using var silo = await SiloProcess.StartAsync(Launch("redis", _data, Silo));

        Assert.True(await gateway.IsReadyAsync());
        (await AppendAsync(gateway, 1)).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_gateway_that_waits_for_a_silo_is_stopped_in_order()
    {
        Assert.SkipWhen(RedisServer.SkipReason is not null, RedisServer.SkipReason ?? "");
        await using var gateway = Launch("redis", _empty, Gateway);
        await gateway.SaysAsync("waits for a silo");

        await gateway.StopAsync();

        Assert.Equal(0, gateway.ExitCode);
        Assert.Contains("was stopped while it started", gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_localhost_a_gateway_serves_the_silo_at_the_gateway_port()
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path, Silo);
        await using var gateway = await SiloProcess.StartAsync(
            _empty.Path, Gateway, $"--Granary:GatewayPort={silo.GatewayPort}");

        (await AppendAsync(gateway, 1)).Is(HttpStatusCode.Created);
        (await silo.Api.GetAsync("/health/ready")).Is(HttpStatusCode.OK);
    }

    public void Dispose()
    {
        _data.Dispose();
        _empty.Dispose();
    }

    private static Task<Answer> AppendAsync(SiloProcess gateway, int stream) =>
        gateway.Api.PostAsync($"/api/streams/role/{stream}", Events.Numbered(1), ("Idempotency-Key", "first"));

    // A call that was routed to the lost silo is answered 503, and sent again.
    private static async Task AppendAgainAsync(SiloProcess gateway, int stream)
    {
        for (var left = 20; ; left--)
        {
            var answer = await gateway.Api.PostAsync(
                $"/api/streams/role/{stream}", Events.Numbered(1), ("Idempotency-Key", "second"));
            if (answer.Status is HttpStatusCode.Created or HttpStatusCode.OK) return;
            Assert.True(left > 0 && answer.Status == HttpStatusCode.ServiceUnavailable, $"{answer}\n{gateway.Output}");
        }
    }

    private static async Task AwaitMembersAsync(SiloProcess silo, int count) =>
        (await silo.Api.GetAsync($"/members/{count}")).Is(HttpStatusCode.OK);

    // The silos have the route that waits for members; a gateway is the shipped executable.
    private SiloProcess Launch(string cluster, TempFolder data, string role)
    {
        (string, string)[] environment =
        [
            ("Granary__Cluster", cluster),
            ("Granary__ClusterConnectionString",
                cluster == "redis" ? RedisServer.ConnectionString : PostgresServer.ConnectionString),
        ];
        string[] arguments =
        [
            $"--Granary:ClusterId={_id}", $"--Granary:ServiceId={_id}", "--Granary:Membership:ProbeTimeoutMs=1000",
            "--Granary:Membership:ProbesMissedMax=2", role,
        ];
        return role == Gateway
            ? SiloProcess.Launch(data.Path, environment, arguments)
            : SiloProcess.Launch(ProbeSilo.Command, data.Path, environment, arguments);
    }
}
