using System.Net;
using System.Net.Sockets;

namespace Granary.Tests.Integration;

/// <summary>How a silo starts where the server of its cluster is there, is not there, or does not let it in.</summary>
public sealed class ClusterStartTests : IDisposable
{
    private const string Secret = "not-to-be-printed";

    private readonly TempFolder _data = new();

    [Theory]
    [InlineData("redis", $"127.0.0.1:PORT,password={Secret}")]
    [InlineData("postgres", $"Host=127.0.0.1;Port=PORT;Username=granary;Password={Secret}")]
    [InlineData("azure", "AccountName=a;AccountKey=bm90LXRvLWJlLXByaW50ZWQ=;TableEndpoint=http://127.0.0.1:PORT/a")]
    public async Task A_server_that_is_not_there_stops_the_start_in_one_line(string cluster, string connection)
    {
        using var ports = FreePorts.Reserve(1);
        var line = await FaultAsync(cluster, connection.Replace("PORT", $"{ports[0]}", StringComparison.Ordinal));
        Assert.Contains($"127.0.0.1:{ports[0]}", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_of_Redis_stops_the_start_in_one_line()
    {
        Assert.SkipWhen(RedisServer.SkipReason is not null, RedisServer.SkipReason ?? "");
        Assert.SkipUnless(RedisServer.IsPrivate, "The configured server may have no password.");
        var right = RedisServer.ConnectionString;
        var line = await FaultAsync(
            "redis", right.Replace(RedisServer.Password, $"wrong-{Secret}", StringComparison.Ordinal));
        Assert.Contains("the user or the password is wrong", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_PostgreSQL_does_not_have_stops_the_start_in_one_line()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        var line = await FaultAsync(
            "postgres", $"{PostgresServer.ConnectionString};Password={Secret};Database=no_such_database");
        Assert.Contains("3D000", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_cannot_be_resolved_stops_the_start_and_its_setting_is_named()
    {
        await using var silo = Launch("redis", "127.0.0.1:1", "--Granary:AdvertisedAddress=silo.invalid");
        await silo.ExitAsync();
        Assert.Equal(1, silo.ExitCode);
        var line = Assert.Single(silo.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("Granary:AdvertisedAddress: 'silo.invalid'", line, StringComparison.Ordinal);
    }

    // It is of those that documents use, so no machine has it.
    [Fact]
    public async Task An_address_that_is_none_of_the_machine_stops_the_start_and_its_setting_is_named()
    {
        await using var silo = Launch("redis", "127.0.0.1:1", "--Granary:AdvertisedAddress=192.0.2.1");
        await silo.ExitAsync();
        Assert.Equal(1, silo.ExitCode);
        var line = Assert.Single(silo.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("192.0.2.1 is no address of this machine", line, StringComparison.Ordinal);
        Assert.Contains("Granary:ListenAddress", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Redis_without_TLS_that_is_called_with_it_stops_the_start_in_one_line()
    {
        Assert.SkipWhen(RedisServer.SkipReason is not null, RedisServer.SkipReason ?? "");
        Assert.SkipUnless(RedisServer.IsPrivate, "The configured server may have TLS.");
        var line = await FaultAsync("redis", $"{RedisServer.ConnectionString},ssl=true");
        Assert.Contains("ssl=true", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_Azure_Storage_that_is_silent_stops_the_start_in_one_line()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var endpoint = $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/a";
        var line = await FaultAsync(
            "azure", $"AccountName=a;AccountKey=bm90LXRvLWJlLXByaW50ZWQ=;TableEndpoint={endpoint}");
        Assert.Contains("no answer within 5 s", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    public async Task The_password_is_in_no_log_and_not_in_the_banner(string cluster)
    {
        var reason = cluster == "redis" ? RedisServer.SkipReason : PostgresServer.SkipReason;
        Assert.SkipWhen(reason is not null, reason ?? "");
        Assert.SkipUnless(cluster != "redis" || RedisServer.IsPrivate, "The configured server may have no password.");

        // A private PostgreSQL lets everybody in, whatever the password is.
        var connection = cluster == "redis"
            ? RedisServer.ConnectionString
            : $"{PostgresServer.ConnectionString};Password={Secret}";
        await using var silo = await SiloProcess.StartAsync(Launch(
            cluster, connection, "--Logging:LogLevel:Default=Trace", "--Logging:LogLevel:Orleans=Trace",
            "--Logging:LogLevel:Orleans.Runtime.Silo=Trace"));
        var metrics = (await silo.Api.GetAsync("/metrics")).Is(HttpStatusCode.OK);
        await silo.StopAsync();

        Assert.Equal(0, silo.ExitCode);
        Assert.Contains("ClusterMembershipOptions", silo.Output, StringComparison.Ordinal);
        Assert.Contains($" on {cluster}", silo.Output, StringComparison.Ordinal);
        Assert.Contains("AdvertisedAddress is 127.0.0.1", silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, metrics.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_by_itself_has_reminders_and_state_in_memory()
    {
        await using (var silo = await StartAloneAsync())
        {
            (await silo.Api.PostAsync("/probe/1/state/7", "")).Is(HttpStatusCode.OK);
            (await silo.Api.PostAsync("/probe/1/reminder", "")).Is(HttpStatusCode.OK);
            Assert.Equal("7", (await silo.Api.GetAsync("/probe/1/state")).Is(HttpStatusCode.OK).Text);
        }

        await using var next = await StartAloneAsync();
        Assert.Equal("0", (await next.Api.GetAsync("/probe/1/state")).Is(HttpStatusCode.OK).Text);
        Assert.Equal("false", (await next.Api.GetAsync("/probe/1/reminder")).Is(HttpStatusCode.OK).Text);
    }

    public void Dispose() => _data.Dispose();

    private async Task<string> FaultAsync(string cluster, string connection)
    {
        await using var silo = Launch(cluster, connection);
        await silo.ExitAsync();
        Assert.Equal(1, silo.ExitCode);
        var line = Assert.Single(silo.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith(
            "Granary cannot start. Granary:ClusterConnectionString: cannot use ", line, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, line, StringComparison.Ordinal);
        return line;
    }

    private SiloProcess Launch(string cluster, string connection, params string[] arguments) => SiloProcess.Launch(
        _data.Path, [("Granary__Cluster", cluster), ("Granary__ClusterConnectionString", connection)],
        [$"--Granary:ClusterId=test-{Uuid7.New(TimeProvider.System):n}", .. arguments]);

    private Task<SiloProcess> StartAloneAsync() =>
        SiloProcess.StartAsync(SiloProcess.Launch(ProbeSilo.Command, _data.Path, [], []));
}
