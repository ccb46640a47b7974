using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>A client that sends or reads too slowly is cut off, and connections have a cap.</summary>
public sealed class SlowClientTests : IDisposable
{
    private static readonly string[] Strict =
        ["--Granary:Http:DataRateMinBytes=1000000", "--Granary:Http:DataRateGraceMs=1100"];

    private readonly TempFolder _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_that_comes_too_slowly_is_refused()
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path, Strict);
        var answer = await RawRequest.ExchangeAsync(
            silo.Url,
            "POST /api/streams/slow/1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: 1000000\r\n\r\n{");
        answer.IsProblem(HttpStatusCode.RequestTimeout);
        (await silo.Api.GetAsync("/api/streams/slow/1")).Is(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Headers_that_do_not_end_are_refused()
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path, "--Granary:Http:HeadersTimeoutMs=1000");
        (await RawRequest.ExchangeAsync(silo.Url, "GET / HTTP/1.1\r\nHost: localhost\r\n"))
            .IsProblem(HttpStatusCode.RequestTimeout);
    }

    [Fact]
    public async Task An_answer_that_is_read_too_slowly_is_cut_off()
    {
        await using var silo = await SiloProcess.StartAsync(
            _data.Path, [.. Strict, "--Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel=Debug"]);
        for (var part = 0; part < 8; part++)
        {
            var large = Events.One("large", new JsonObject { ["text"] = new string('x', 900_000) });
            (await silo.Api.PostAsync("/api/streams/large/1", new JsonArray(large))).Is(HttpStatusCode.Created);
        }

        using var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(silo.Url.Host, silo.Url.Port, Token);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes("GET /api/streams/large/1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"), Token);

        // Not one byte is read. The server's log has the moment at which it stops waiting.
        await silo.SaysAsync("not read by the client at the specified minimum data rate");
    }

    [Fact]
    public async Task Connections_over_their_cap_are_closed_and_the_others_go_on()
    {
        await using var silo = await SiloProcess.StartAsync(_data.Path, "--Granary:Http:ConnectionsMax=2");

        // The harness's own connection is the first of the two.
        using var second = new TcpClient();
        await second.ConnectAsync(silo.Url.Host, silo.Url.Port, Token);
        await using var stream = second.GetStream();
        await LiveAsync(stream);
        using var third = new TcpClient();
        await third.ConnectAsync(silo.Url.Host, silo.Url.Port, Token);
        Assert.Equal(0, await ReadToEndAsync(third.GetStream()));
        await LiveAsync(stream);
    }

    public void Dispose() => _data.Dispose();

    private static async Task LiveAsync(NetworkStream stream)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"), Token);
        var buffer = new byte[4096];
        var text = "";
        while (!text.Contains("live", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, Token);
            Assert.True(read > 0, $"The connection ended after: {text}");
            text += Encoding.ASCII.GetString(buffer, 0, read);
        }
    }

    private static async Task<int> ReadToEndAsync(NetworkStream stream)
    {
        try
        {
            return await stream.ReadAsync(new byte[1], Token);
        }
        catch (IOException)
        {
            // A reset is an end too.
            return 0;
        }
    }
}
