using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Granary.Tests.Integration;

/// <summary>TLS between silos and gateways, as processes of their own.</summary>
public sealed class TlsTests : IDisposable
{
    private const string Gateway = "--Granary:Role=gateway";

    private readonly TempFolder _data = new();
    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _other = new();
    private readonly string _id = $"test-{Uuid7.New(TimeProvider.System):n}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silos_and_gateways_with_certificates_of_one_authority_are_a_cluster()
    {
        Assert.SkipWhen(RedisServer.SkipReason is not null, RedisServer.SkipReason ?? "");
        await using var one = await SiloProcess.StartAsync(Launch(Pem(_authority)));
        await using var other = await SiloProcess.StartAsync(Launch(Pfx(_authority)));
        (await one.Api.GetAsync("/members/2")).Is(HttpStatusCode.OK);
        await using var gateway = await SiloProcess.StartAsync(Launch(Pfx(_authority), Gateway));

        for (var stream = 0; stream < 10; stream++)
        {
            (await gateway.Api.PostAsync($"/api/streams/tls/{stream}", Events.Numbered(1)))
                .Is(HttpStatusCode.Created);
            Assert.Single(await one.Api.PagesAsync($"/api/streams/tls/{stream}/events"));
        }

        foreach (var silo in new[] { one, other, gateway })
            Assert.DoesNotContain(TestAuthority.Password, silo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_no_certificate_of_the_authority_is_neither_silo_nor_client()
    {
        Assert.SkipWhen(RedisServer.SkipReason is not null, RedisServer.SkipReason ?? "");
        await using var one = await SiloProcess.StartAsync(Launch(Pem(_authority)));
        await using var plain = Launch([]);
        await using var foreign = Launch(Pem(_other));
        await using var client = Launch(Pfx(_other), Gateway);
        await using var plainClient = Launch([], Gateway);

        // Each has tried, and was refused.
        await Task.WhenAll(
            plain.SaysAsync("Failed to get ping responses from 1 of 1 active silos"),
            foreign.SaysAsync("Failed to get ping responses from 1 of 1 active silos"),
            client.SaysAsync("waits for a silo"), plainClient.SaysAsync("waits for a silo"));
        (await one.Api.GetAsync("/members/1")).Is(HttpStatusCode.OK);
        Assert.All([plain, foreign], static silo => Assert.DoesNotContain("is up", silo.Output));
        (await one.Api.PostAsync("/api/streams/tls/1", Events.Numbered(1))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_silo_cuts_off_who_shows_no_certificate()
    {
        Assert.SkipWhen(RedisServer.SkipReason is not null, RedisServer.SkipReason ?? "");
        await using var silo = await SiloProcess.StartAsync(Launch(Pem(_authority)));
        foreach (var port in new[] { silo.SiloPort, silo.GatewayPort })
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(IPAddress.Loopback, port, Token);
            await using var tls = new SslStream(connection.GetStream(), false, static (_, _, _, _) => true);
            var cut = async () =>
            {
                await tls.AuthenticateAsClientAsync("granary");
                if (await tls.ReadAsync(new byte[1], Token) == 0) throw new IOException("The connection is closed.");
            };

            await Assert.ThrowsAnyAsync<IOException>(() => cut().WaitAsync(TimeSpan.FromSeconds(30), Token));
        }
    }

    [Fact]
    public async Task A_wrong_password_stops_the_start_by_its_name_and_is_not_printed()
    {
        var (certificate, key) = _authority.IssuePem();
        await using var silo = SiloProcess.Launch(
            _data.Path,
            [
                ("Granary__Tls__CertificatePath", certificate), ("Granary__Tls__KeyPath", key),
                ("Granary__Tls__TrustedPath", _authority.Path), ("Granary__Tls__Password", "wrong-secret"),
            ]);
        await silo.ExitAsync();

        Assert.Equal(2, silo.ExitCode);
        Assert.Contains("Granary:Tls:KeyPath: ", silo.Output, StringComparison.Ordinal);
        Assert.Contains("Granary:Tls:Password is wrong", silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-secret", silo.Output, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _data.Dispose();
        _authority.Dispose();
        _other.Dispose();
    }

    private static (string, string)[] Pem(TestAuthority authority)
    {
        var (certificate, key) = authority.IssuePem();
        return
        [
            ("Granary__Tls__CertificatePath", certificate), ("Granary__Tls__KeyPath", key),
            ("Granary__Tls__Password", TestAuthority.Password), ("Granary__Tls__TrustedPath", authority.Path),
        ];
    }

    private static (string, string)[] Pfx(TestAuthority authority) =>
    [
        ("Granary__Tls__CertificatePath", authority.IssuePfx()), ("Granary__Tls__Password", TestAuthority.Password),
        ("Granary__Tls__TrustedPath", authority.Path),
    ];

    // The silos have the route that waits for members; a gateway is the shipped executable.
    private SiloProcess Launch((string, string)[] tls, params string[] role)
    {
        (string, string)[] environment =
        [
            ("Granary__Cluster", "redis"), ("Granary__ClusterConnectionString", RedisServer.ConnectionString), .. tls,
        ];
        string[] arguments =
        [
            $"--Granary:ClusterId={_id}", $"--Granary:ServiceId={_id}", "--Granary:Membership:ProbeTimeoutMs=1000",
            .. role,
        ];
        return role.Length > 0
            ? SiloProcess.Launch(_data.Path, environment, arguments)
            : SiloProcess.Launch(ProbeSilo.Command, _data.Path, environment, arguments);
    }
}
