using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;

namespace Granary.Tests.Integration;

/// <summary>
/// Requests that are put together at random from parts that are good, nearly good and bad. None is answered with a
/// fault of the server, every refusal is a problem document with type and code, and what is refused stores nothing.
/// </summary>
public sealed class FuzzTests
{
    private const int Requests = 1_500;

    private static readonly string[] Methods = ["POST", "GET", "GET", "HEAD", "OPTIONS", "DELETE", "PUT"];

    private static readonly string[] Keys =
        ["1", "a%2Fb", "%", "%zz", "%FF", ".", "..", "%2e%2E", "", "a b", "%20", "%00", "ä", "x%C3%A4", "1?", "1/",
            "//", "+"];

    private static readonly string[] Prefixes =
        ["/api/streams/things/", "/%61pi/streams/things/", "/api/streams/account/", "/api/accounts/",
            "/api/streams//", "/api/", "/api/models/things/", "/api/models/",
            "/api/models/counted_things/", "/api/projections/counted_things/", "/api/projections/",
            "/api/projections/things/", "/api/projections/things/builds/", "/api/subscriptions/",
            "/api/projections/things/parked/things/", "/api/transfers/", "/api/transfers?"];

    private static readonly string[] Rests = 
        ["", "", "", "/events", "/state", "/live", "/close", "/deposits", "/withdrawals", "/none",
            "/parked", "/switch", "/retry", "/next", "/ack", "/nack"];

    private static readonly string[] Logs = ["", "", "/live", "/live/x"];

    private static readonly string[] Queries =
        ["", "", "", "?", "?limit=1", "?limit=0", "?limit=", "?after=-1", "?before=0", "?before=5&direction=backward",
            "?direction=up", "?version=1", "?version=99", "?at=now", "?at=2026-01-01T00:00:00Z", "?x=1",
            "?limit=1&limit=1",
            "?%zz", "?after=9223372036854775807", "?after=9223372036854775808", "?&&=",
            "?version=1&at=2026-01-01T00:00:00Z", "?from=end", "?from=now", "?after=0:1", "?after=0:1,0:2",
            "?after=1-1", "?after=9-0", "?partition=0&after=1", "?partition=9", "?category=a&category=b", "?type=",
            "?stream=a", "?stream=a/b&type=c", "?where=key:eq:1", "?where=count:ge:x", "?where=a", "?orderBy=count",
            "?orderBy=none", "?descending=true", "?descending=1", "?wait=0", "?publish=x", "?after=W251bGwsImEiXQ"];

    private static readonly string[] Types =
        ["application/json", "application/json", "application/json; charset=utf-8", "application/json; charset=utf-16",
            "application/json;", "text/plain", "", ";", "application/cloudevents+json",
            "application/cloudevents-batch+json",
            "text/json", "application/*", "multipart/form-data", "application/json, text/plain", "\u0001"];

    private static readonly string[] Headers =
        ["If-Match: ", "If-Match: *", "If-Match: \"1\"", "If-Match: \"1-1\"", "If-Match: \"0\"", "If-Match: W/\"1\"",
            "If-Match: \"1", "If-Match: ,", "If-None-Match: *", "If-None-Match: ", "If-None-Match: \"1-1\"",
            "If-Unmodified-Since: x", "Idempotency-Key: ", "Idempotency-Key: k", "Idempotency-Key: \"k\"",
            "Content-Encoding: gzip", "Content-Encoding: ", "Origin: https://evil.example", "Origin: null", "Origin: ",
            "Accept: application/cloudevents-batch+json", "Accept: ;;", "ce-id: 1", "ce-type: t", "ce-source: /s",
            "ce-specversion: 1.0", "ce-subject: \"", "ce-subject: %", "ce-time: never", "ce-: x", "ce-A_b: x",
            "WebHook-Request-Origin: a.example", "WebHook-Request-Origin: ", "WebHook-Request-Rate: x",
            "Range: bytes=0-1", "Last-Event-ID: 0:1", "Last-Event-ID: 1-1", "Last-Event-ID: ", "Last-Event-ID: x",
            "Last-Event-ID: 0:9223372036854775807", "Granary-Min-Position: 0:1", "Granary-Min-Position: x",
            "Granary-Min-Position: 9:1"];

    private static readonly string[] Bodies =
        ["""{"type":"a"}""", "", "{", "{}", "[]", "null", "7", "[null]", """{"type":"a","data":{"n":1}}""",
            """[{"type":"a"},{"type":"b"}]""", """[{"type":"a"},{"type":""}]""", """{"type":"granary.x"}""",
            """{"type":"a","id":"x"}""", """{"type":"a","data":"\ud800"}""", """{"type":"a","type":"b"}""",
            """{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1}""",
            """[{"specversion":"1.0","id":"1","source":"/s","type":"t"}]""", """{"amount":1,"currency":"EUR"}""",
            """{"amount":"1e9","currency":"EUR"}""", """{"owner":"Ada","currency":"EUR"}""", """{"owner":7}""",
            """{"from":"1","to":"ä","amount":1}""", """{"from":"","to":"\u0000","amount":1}""",
            """{"leases":["0.1.x"]}""", """{"leases":[]}""", """{"leases":[null]}""", """{"leaseMs":-1}""",
            """{"limit":0,"waitMs":1e99}""", """{"from":"end","streams":["a/b"],"types":[""]}""",
            "\"\\u0000\"", "{\"type\":\"a\",\"metadata\":{\"granary.x\":\"1\"}}", "\u00ff\u00fe"];

    [Fact]
    public async Task No_request_is_a_fault_of_the_server_and_no_refusal_stores_anything()
    {
        var random = new Random(Randomness.Seed("requests at random"));
        await using var host = await GatewayHost.StartAsync(static app =>
        {
            app.UseStatusCodePages();
            app.MapGranary().MapGranaryLedger();
        }, configure: static services => services.AddGranaryProblemDetails(),
            granary: static granary => granary.AddProjection<Things>().AddLiveProjection<CountedThings>());
        var position = 0L;
        for (var number = 0; number < Requests; number++)
        {
            var request = Make(random, host.Url);
            var response = await SendAsync(host.Url, request);
            var status = int.Parse(response.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(status < 500, $"{request}\n\n{response}\n{string.Join('\n', host.Log)}");
            var end = await EndAsync(host.Store, position);
            if (status >= 400)
            {
                Assert.True(end == position, $"It was refused and stored something.\n{request}\n\n{response}");
                AssertProblem(status, request, response);
            }

            position = end;
        }

        // Were everything refused, nothing would be tried.
        Assert.True(position > Requests / 50, $"Only {position} events were stored.");
    }

    private static string Make(Random random, Uri url)
    {
        // The first of each is good: most parts of most requests are, so that one bad part is seen by what follows it.
        string Any(string[] parts) => parts[random.Next(4) > 0 ? 0 : random.Next(parts.Length)];
        var target = random.Next(10) switch
        {
            0 => "/api/log" + Any(Logs) + Any(Queries),
            1 => $"http://{url.Authority}{Any(Prefixes)}{Any(Keys)}{Any(Rests)}",
            _ => Any(Prefixes) + Any(Keys) + Any(Rests) + Any(Queries),
        };
        var body = Any(Bodies);
        var request = new StringBuilder(
                $"{Any(Methods)} {target.Replace(' ', '+')} HTTP/1.1\r\nHost: {url.Authority}\r\n")
            .Append("Connection: close\r\nContent-Length: ").Append(body.Length).Append("\r\n");
        if (random.Next(8) > 0) request.Append("Content-Type: ").Append(Any(Types)).Append("\r\n");
        for (var headers = random.Next(3); headers > 0; headers--)
            request.Append(Headers[random.Next(Headers.Length)]).Append("\r\n");
        return request.Append("\r\n").Append(body).ToString();
    }

    private static async Task<string> SendAsync(Uri url, string request)
    {
        var token = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port, token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), token);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var response = new StringBuilder();
        while (await reader.ReadLineAsync(token) is { } line)
        {
            response.Append(line).Append("\r\n");

            // A live one would not end.
            if (line.Equals("Content-Type: text/event-stream", StringComparison.OrdinalIgnoreCase)) break;
        }

        return response.ToString();
    }

    private static async Task<long> EndAsync(IEventStore store, long after)
    {
        await foreach (var recorded in store.ReadLogAsync(
            new(default, new(after)), TestContext.Current.CancellationToken))
            after = recorded.Position.Position.Value;
        return after;
    }

    private static void AssertProblem(int status, string request, string response)
    {
        var body = response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;

        // What the server refuses before it calls the application has no body here; the silo fills it.
        if (request.StartsWith("HEAD", StringComparison.Ordinal) || IsServersOwn(response)) return;
        Assert.True(
            response.Contains("Content-Type: application/problem+json", StringComparison.OrdinalIgnoreCase),
            $"{request}\n\n{response}");
        var text = response[body..];
        if (response.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
            text = text[text.IndexOf('{')..(text.LastIndexOf('}') + 1)];
        var problem = JsonNode.Parse(text)!;
        Assert.Equal(status, problem["status"]!.GetValue<int>());
        Assert.Equal("urn:granary:problem:" + problem["code"]!.GetValue<string>(), problem["type"]!.GetValue<string>());
        Assert.False(string.IsNullOrEmpty(problem["detail"]!.GetValue<string>()));
    }

    private static bool IsServersOwn(string response) =>
        response.StartsWith("HTTP/1.1 400", StringComparison.Ordinal)
        && response.Contains("Content-Length: 0\r\n", StringComparison.Ordinal)
        && response.Contains("Connection: close\r\n", StringComparison.Ordinal)
        && !response.Contains("Content-Type", StringComparison.Ordinal);
}
