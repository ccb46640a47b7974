using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Integration;

/// <summary>Many appends over one request.</summary>
public sealed class AppendsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_line_is_answered_while_the_request_is_open()
    {
        await using var host = await GatewayHost.StartAsync();
        await using var connection = await LineConnection.OpenAsync(host.Url);
        for (var number = 1; number <= 3; number++)
        {
            await connection.SendAsync(Line($"é-{number}", "things/1"));
            var answer = (await connection.ReadAsync())!;
            Assert.Equal(
                (number, $"é-{number}", 201, "things/1", (long)number),
                (answer["line"]!.GetValue<int>(), Text(answer["id"]), answer["status"]!.GetValue<int>(),
                    Text(answer["append"]!["stream"]), answer["append"]!["version"]!.GetValue<long>()));
        }

        Assert.Equal(200, connection.Status);
        Assert.Contains("Content-Type: application/x-ndjson", connection.Headers, StringComparison.Ordinal);
        await connection.EndAsync();
        Assert.Null(await connection.ReadAsync());
    }

    [Fact]
    public async Task Each_of_many_lines_is_answered_once_and_each_stream_is_in_the_order_of_its_lines()
    {
        const int lines = 3_000;
        const int streams = 40;
        await using var host = await GatewayHost.StartAsync();
        await using var connection = await LineConnection.OpenAsync(host.Url);
        var reading = connection.ReadAllAsync();
        for (var line = 1; line <= lines; line++)
            await connection.SendAsync(Line($"{line}", $"things/{line % streams}", new JsonObject { ["n"] = line }));
        await connection.EndAsync();

        var answers = await reading;
        Assert.All(answers, static one => Assert.Equal(201, one["status"]!.GetValue<int>()));
        Assert.Equal(
            Enumerable.Range(1, lines), answers.Select(static one => one["line"]!.GetValue<int>()).Order());
        for (var stream = 0; stream < streams; stream++)
        {
            var events = await host.Api.PagesAsync($"/api/streams/things/{stream}/events");
            Assert.Equal(
                Enumerable.Range(1, lines).Where(line => line % streams == stream),
                events.Select(static one => one["data"]!["n"]!.GetValue<int>()));
        }
    }

    [Fact]
    public async Task A_line_that_is_no_append_fails_alone()
    {
        (string Line, int Status, string Code)[] bad =
        [
            ("""{"id": "x" """, 400, "malformed-json"),
            ("[]", 400, "invalid-append"),
            ("""{"id":"x","stream":"things/1","events":[]}""", 400, "invalid-append"),
            ("""{"id":"x","stream":"things/1","events":{}}""", 400, "invalid-event"),
            ("""{"id":"x","stream":"things","events":[{"type":"t"}]}""", 400, "invalid-target"),
            ("""{"id":"x","stream":7,"events":[{"type":"t"}]}""", 400, "invalid-append"),
            ("""{"id":7,"stream":"things/1","events":[{"type":"t"}]}""", 400, "invalid-append"),
            ("""{"stream":"things/1","events":[{"type":"t"}]}""", 400, "invalid-append"),
            ("""{"id":"x","events":[{"type":"t"}]}""", 400, "invalid-append"),
            ("""{"id":"x","stream":"things/1","event":[{"type":"t"}]}""", 400, "invalid-append"),
            ("""{"id":"x","stream":"things/1","events":[{"type":"t","date":1}]}""", 400, "invalid-event"),
            ("""{"id":"x","id":"y","stream":"things/1","events":[{"type":"t"}]}""", 400, "malformed-json"),
            ("""{"id":"x","stream":"things/1","expected":-1,"events":[{"type":"t"}]}""", 400, "invalid-append"),
            ("""{"id":"x","stream":"things/1","expected":"7-x","events":[{"type":"t"}]}""", 400, "invalid-append"),
            ("""{"id":"x","stream":"things/1","expected":"\"7","events":[{"type":"t"}]}""", 400, "invalid-append"),
            ("""{"id":"x","stream":"things/1","expected":"'7'","events":[{"type":"t"}]}""", 400, "invalid-append"),
            ("""{"id":"x","stream":"things/1","idempotencyKey":"","events":[{"type":"t"}]}""", 400, "invalid-append"),
            ("""{"id":"x","stream":"account/1","events":[{"type":"t"}]}""", 409, "category-owned"),
            (new string(' ', 8 * 1024 * 1024 + 1) + "{}", 413, "too-large"),
        ];
        await using var host = await GatewayHost.StartAsync();
        await using var connection = await LineConnection.OpenAsync(host.Url);
        var reading = connection.ReadAllAsync();
        foreach (var (line, _, _) in bad)
        {
            await connection.SendTextAsync(line + "\n");
            await connection.SendAsync(Line("good", "things/1"));
        }

        await connection.EndAsync();
        var answers = (await reading).OrderBy(static one => one["line"]!.GetValue<int>()).ToArray();
        Assert.Equal(
            bad.SelectMany(static one => new[] { (one.Status, one.Code), (201, "") }),
            answers.Select(static one => (one["status"]!.GetValue<int>(), Text(one["problem"]?["code"]) ?? "")));
        Assert.Equal("x", Text(answers[4]["id"]));
        Assert.Equal(bad.Length, (await host.Api.PagesAsync("/api/streams/things/1/events")).Count);
    }

    [Fact]
    public async Task A_line_may_expect_what_a_request_may()
    {
        await using var host = await GatewayHost.StartAsync();
        await using var connection = await LineConnection.OpenAsync(host.Url);
        await connection.SendAsync(Line("new", "things/1", expected: 0));
        Assert.Equal(201, await StatusAsync(connection));
        (JsonNode Expected, int Status)[] next =
        [
            ("none", 412), (0, 412), (2, 412), ("1-7", 412), (1, 201), ("exists", 201), ("3", 201), ("\"4-4\"", 201),
            ("5-5", 201),
        ];
        foreach (var (expected, status) in next)
        {
            var text = expected.ToJsonString();
            await connection.SendAsync(Line("next", "things/1", expected: expected));
            var answer = (await connection.ReadAsync())!;
            Assert.Equal((text, status), (text, answer["status"]!.GetValue<int>()));
            if (status == 412) Assert.Equal("\"1-1\"", Text(answer["problem"]!["etag"]));
        }

        await connection.SendAsync(Line("absent", "things/2", expected: "exists"));
        Assert.Equal(412, await StatusAsync(connection));
    }

    [Fact]
    public async Task A_line_that_comes_again_under_its_idempotency_key_is_stored_once()
    {
        await using var host = await GatewayHost.StartAsync();
        await using var first = await LineConnection.OpenAsync(host.Url);
        await first.SendAsync(Line("1", "things/1", key: "key"));
        Assert.Equal(201, await StatusAsync(first));
        await using var second = await LineConnection.OpenAsync(host.Url);
        await second.SendAsync(Line("2", "things/1", key: "key"));
        Assert.Equal(200, await StatusAsync(second));
        await second.SendAsync(Line("3", "things/1", new JsonObject { ["n"] = 2 }, key: "key"));
        Assert.Equal(422, await StatusAsync(second));
        Assert.Single(await host.Api.PagesAsync("/api/streams/things/1/events"));
    }

    [Fact]
    public async Task A_body_whose_framing_breaks_ends_with_the_problem_of_the_line_that_it_breaks_in()
    {
        await using var host = await GatewayHost.StartAsync();
        await using var connection = await LineConnection.OpenAsync(host.Url);
        await connection.SendAsync(Line("1", "things/1"));
        Assert.Equal(201, await StatusAsync(connection));
        await connection.SendTextAsync("{\"id\":");
        await connection.SendRawAsync("no length\r\n");
        var last = (await connection.ReadAsync())!;
        Assert.Equal((2, 400), (last["line"]!.GetValue<int>(), last["status"]!.GetValue<int>()));
    }

    [Fact]
    public async Task As_many_requests_are_open_as_may_be_and_one_that_ends_lets_another_in()
    {
        await using var host = await GatewayHost.StartAsync(configure: static services =>
            services.Configure<GranaryGatewayOptions>(static options => options.AppendRequestsMax = 1));
        await using var first = await LineConnection.OpenAsync(host.Url);
        await first.SendAsync(Line("1", "things/1"));
        Assert.Equal(201, await StatusAsync(first));
        var refused = await host.Api.PostAsync("/api/appends", "", "application/x-ndjson");
        Assert.Equal("too-many-append-requests", Text(refused.IsProblem(HttpStatusCode.ServiceUnavailable)["code"]));
        Assert.Equal("1", refused.Headers["Retry-After"]);
        await first.EndAsync();
        Assert.Null(await first.ReadAsync());
        (await host.Api.PostAsync("/api/appends", "", "application/x-ndjson")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_caller_that_goes_away_lets_another_in_and_what_it_sent_is_stored()
    {
        var left = new TaskCompletionSource();
        await using var host = await GatewayHost.StartAsync(
            map: app =>
            {
                app.Use(async (context, next) =>
                {
                    await next();
                    left.TrySetResult();
                });
                app.UseRouting();
                app.MapGranary();
            },
            configure: static services => services.Configure<GranaryGatewayOptions>(
                static options => options.AppendRequestsMax = 1));
        await using var first = await LineConnection.OpenAsync(host.Url);
        await first.SendAsync(Line("1", "things/1"));
        Assert.Equal(201, await StatusAsync(first));
        first.Cut();
        await left.Task.WaitAsync(Token);
        (await host.Api.PostAsync("/api/appends", Line("2", "things/1").ToJsonString(), "application/x-ndjson"))
            .Is(HttpStatusCode.OK);
        Assert.Equal(2, (await host.Api.PagesAsync("/api/streams/things/1/events")).Count);
    }

    [Theory]
    [InlineData("application/json", "", 415)]
    [InlineData("text/plain", "", 415)]
    [InlineData("application/x-ndjson; charset=latin1", "", 415)]
    [InlineData("application/x-ndjson", "Content-Encoding: gzip\r\n", 415)]
    [InlineData("application/x-ndjson", "If-Match: \"1\"\r\n", 400)]
    [InlineData("application/x-ndjson", "Idempotency-Key: key\r\n", 400)]
    [InlineData("application/x-ndjson", "Origin: http://elsewhere.example\r\n", 403)]
    [InlineData("application/jsonl", "", 200)]
    public async Task Only_JSON_line_by_line_is_taken_and_a_refusal_comes_before_the_first_line(
        string contentType, string headers, int status)
    {
        await using var host = await GatewayHost.StartAsync();
        await using var connection = await LineConnection.OpenAsync(host.Url, headers, contentType);
        await connection.SendAsync(Line("1", "things/1"));
        await connection.EndAsync();
        await connection.ReadHeadAsync();
        Assert.Equal(status, connection.Status);
        if (status == 200) Assert.Equal(201, await StatusAsync(connection));
        else (await host.Api.GetAsync("/api/streams/things/1")).Is(HttpStatusCode.NotFound);
    }

    private static JsonObject Line(
        string id, string stream, JsonNode? data = null, JsonNode? expected = null, string? key = null)
    {
        var line = new JsonObject
        {
            ["id"] = id,
            ["stream"] = stream,
            ["events"] = new JsonArray(Events.One("noted", data)),
        };
        if (expected is not null) line["expected"] = expected;
        if (key is not null) line["idempotencyKey"] = key;
        return line;
    }

    private static async Task<int> StatusAsync(LineConnection connection) =>
        (await connection.ReadAsync())!["status"]!.GetValue<int>();

    private static string? Text(JsonNode? node) => node?.GetValue<string>();
}
