using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Integration;

/// <summary>A live reader that does not read, over a socket whose buffers are full.</summary>
public sealed class SlowLiveReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reader_that_takes_nothing_is_cut_with_the_position_from_which_it_resumes_without_a_gap()
    {
        const int events = 40;
        await using var host = await GatewayHost.StartAsync(
            configure: static services => services.Configure<GranaryGatewayOptions>(
                static options => options.LiveUnreadMaxMs = 200));
        for (var number = 1; number <= events; number++)
        {
            var large = Events.One("large", new JsonObject { ["n"] = number, ["text"] = new string('x', 900_000) });
            (await host.Api.PostAsync("/api/streams/large/1", large)).Is(HttpStatusCode.Created);
        }

        using var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(host.Url.Host, host.Url.Port, Token);
        const string request = "GET /api/log/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Token);

        // Not one byte is read until the server's log has the moment at which it stops sending.
        const string cut = "A live reader of /api/log/live";
        while (!host.Log.Any(static line => line.StartsWith(cut, StringComparison.Ordinal))) await Task.Yield();
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        var text = await reader.ReadToEndAsync(Token);

        var end = text.IndexOf("event: granary.end\n", StringComparison.Ordinal);
        Assert.True(end > 0, text[^300..]);
        Assert.Contains("\"reason\":\"slow-reader\"", text[end..], StringComparison.Ordinal);
        var last = text.LastIndexOf("\nid: 0:", end, StringComparison.Ordinal) + "\nid: ".Length;
        var id = text[last..text.IndexOf('\n', last)];
        Assert.Contains($"\"resume\":\"{id}\"", text[end..], StringComparison.Ordinal);
        using var again = await LiveReader.ConnectAsync(host.Url, "/api/log/live", id);
        var sent = int.Parse(id[2..], CultureInfo.InvariantCulture);
        for (var number = sent; number < events; number++)
            Assert.Equal(number + 1, (await again.EventAsync())["data"]!["n"]!.GetValue<int>());
    }
}
