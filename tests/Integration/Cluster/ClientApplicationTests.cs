using System.Net;
using System.Text;
using Granary.Client;
using Granary.Contracts;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Granary.Tests.Integration;

/// <summary>Applications that are clients of silos in processes of their own.</summary>
public sealed class ClientApplicationTests : IDisposable
{
    private const int Streams = 10;
    private const string Secret = "not-to-be-printed";

    private readonly TempFolder _data = new();
    private readonly string _id = $"test-{Uuid7.New(TimeProvider.System):n}";

    public static TheoryData<string> Kinds => new("redis", "postgres");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_client_has_the_settings_of_the_silos_and_survives_the_loss_of_one(string cluster)
    {
        var reason = cluster == "redis" ? RedisServer.SkipReason : PostgresServer.SkipReason;
        Assert.SkipWhen(reason is not null, reason ?? "");
        await using var one = await StartSiloAsync(cluster);
        await using var other = await StartSiloAsync(cluster);
        (await one.Api.GetAsync("/members/2")).Is(HttpStatusCode.OK);
        using var application = Build(
            ("Cluster", cluster), ("ClusterConnectionString", ConnectionOf(cluster)), ("ClusterId", _id),
            ("ServiceId", _id));
        await application.StartAsync(Token);
        var client = application.Services.GetRequiredService<IGranaryClient>();
        for (var stream = 0; stream < Streams; stream++)
            Assert.Equal(new StreamVersion(1), (await AppendAsync(client, stream, "first")).Version);

        // It is connected to both, and the streams are spread over its connections.
        await other.KillAsync();
        (await one.Api.GetAsync("/members/1")).Is(HttpStatusCode.OK);
        for (var stream = 0; stream < Streams; stream++)
        {
            var answer = await AppendAgainAsync(client, stream);
            Assert.Equal(new StreamVersion(2), answer.Version);
        }

        await application.StopAsync(Token);
    }

    [Fact]
    public async Task With_localhost_a_client_calls_the_silo_at_the_gateway_port()
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path);
        using var application = Build(("GatewayPort", $"{silo.GatewayPort}"), ("SiloPort", "unread"));
        await application.StartAsync(Token);

        await AppendAsync(application.Services.GetRequiredService<IGranaryClient>(), 1, "first");

        Assert.Single(await silo.Api.PagesAsync("/api/streams/client/1/events"));
        await application.StopAsync(Token);
    }

    [Theory]
    [InlineData("Granary:Cluster: ", "Cluster", Secret)]
    [InlineData("Granary:Cluster: ", "Cluster", "1")]
    [InlineData("Granary:Cluster: ", "Cluster", "redis,postgres")]
    [InlineData("Granary:ClusterConnectionString: ", "Cluster", "redis")]
    [InlineData("Granary:ClusterConnectionString: ", "ClusterConnectionString", Secret)]
    [InlineData("Granary:ClusterConnectionString: ", "Cluster", "postgres", "ClusterConnectionString", Secret)]
    [InlineData("Granary:ClusterId: ", "ClusterId", "two words")]
    [InlineData("Granary:ServiceId: ", "ServiceId", "")]
    [InlineData("Granary:GatewayPort: ", "GatewayPort", "65536")]
    [InlineData("Granary:GatewayPort: ", "GatewayPort", "0")]
    public void A_wrong_setting_is_named_and_no_connection_string_is_shown(string message, params string[] settings)
    {
        var fault = Assert.Throws<OptionsValidationException>(
            () => Build([.. settings.Chunk(2).Select(static one => (one[0], one[1]))]));

        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _data.Dispose();

    private static string ConnectionOf(string cluster) =>
        cluster == "redis" ? RedisServer.ConnectionString : PostgresServer.ConnectionString;

    private static IHost Build(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(
            settings.Select(static one => KeyValuePair.Create($"Granary:{one.Name}", (string?)one.Value)));
        builder.AddGranaryClient();
        return builder.Build();
    }

    private static Task<StreamAppendAnswer> AppendAsync(IGranaryClient client, int stream, string key) =>
        client.AppendAsync(
            new StreamName("client", $"{stream}"),
            new StreamAppend([new StreamEvent("numbered", Encoding.UTF8.GetBytes("{}"))], IdempotencyKey: key), Token);

    // A call that was routed to the lost silo fails, and is sent again.
    private static async Task<StreamAppendAnswer> AppendAgainAsync(IGranaryClient client, int stream)
    {
        for (var left = 20; ; left--)
        {
            try
            {
                return await AppendAsync(client, stream, "second");
            }
            catch (Exception fault) when (left > 0
                && fault is SiloUnavailableException or OrleansMessageRejectionException or TimeoutException)
            {
                // It is not known whether it was run: its key makes it safe.
            }
        }
    }

    private Task<SiloProcess> StartSiloAsync(string cluster) => SiloProcess.StartAsync(SiloProcess.Launch(
        ProbeSilo.Command, _data.Path,
        [("Granary__Cluster", cluster), ("Granary__ClusterConnectionString", ConnectionOf(cluster))],
        [
            $"--Granary:ClusterId={_id}", $"--Granary:ServiceId={_id}", "--Granary:Membership:ProbeTimeoutMs=1000",
            "--Granary:Membership:ProbesMissedMax=2",
        ]));
}
