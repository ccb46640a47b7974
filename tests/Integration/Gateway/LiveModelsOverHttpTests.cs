using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>Models of a live projection are read over HTTP by their keys, as new as the store.</summary>
public sealed class LiveModelsOverHttpTests
{
    private const string MinPosition = "Granary-Min-Position";

    [Fact]
    public async Task A_live_model_has_what_was_appended_before_and_its_position()
    {
        await using var host = await StartAsync();
        (await host.Api.GetAsync("/api/models/things/a%2Fb")).IsProblem(HttpStatusCode.NotFound);
        for (var i = 1; i <= 5; i++)
        {
            var position = await AppendAsync(host, "a%2Fb");
            var model = (await host.Api.GetAsync("/api/models/things/a%2Fb")).Is(HttpStatusCode.OK).Json;
            Assert.Equal(("a/b", position), ((string?)model["key"], (string?)model["position"]));
            Assert.Equal(i, (int)model["model"]!["total"]!);
            (await host.Api.GetAsync("/api/models/things/a%2Fb?wait=0", (MinPosition, position)))
                .Is(HttpStatusCode.OK);
        }

        var behind = await host.Api.GetAsync("/api/models/things/a%2Fb?wait=0", (MinPosition, "0:6"));
        behind.IsProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(("models-behind", "0:5"), ((string?)behind.Json["code"], (string?)behind.Json["passed"]));
        (await host.Api.GetAsync("/api/models/things/a", (MinPosition, "7:1"))).IsProblem(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_append_is_confirmed_by_a_live_projection_at_once()
    {
        await using var host = await StartAsync();
        var answer = await host.Api.PostAsync("/api/streams/things/a", Event(1), ("Granary-Confirm", "things"));
        Assert.Equal("things", answer.Is(HttpStatusCode.Created).Headers["Granary-Confirmed"]);
    }

    [Theory]
    [InlineData("GET", "/api/models/things")]
    [InlineData("GET", "/api/models/things?where=total:ge:2&orderBy=total")]
    [InlineData("POST", "/api/projections/things/rebuild")]
    [InlineData("POST", "/api/projections/things/pause")]
    [InlineData("GET", "/api/projections/things/parked")]
    [InlineData("DELETE", "/api/projections/things/builds/things_v1")]
    public async Task What_needs_stored_models_is_refused_and_says_what_to_do(string method, string path)
    {
        await using var host = await StartAsync();
        await AppendAsync(host, "a");
        var refused = await host.Api.SendAsync(new HttpMethod(method), path, null);
        refused.IsProblem(HttpStatusCode.BadRequest);
        Assert.Equal("projection-live", (string?)refused.Json["code"]);
        Assert.Contains("with AddProjection", (string?)refused.Json["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_listed_as_live_without_builds()
    {
        await using var host = await StartAsync();
        var listed = (await host.Api.GetAsync("/api/projections")).Is(HttpStatusCode.OK).Json;
        var one = Assert.Single(listed["projections"]!.AsArray())!;
        Assert.Equal(("things", true), ((string?)one["name"], (bool)one["live"]!));
        Assert.Empty(one["builds"]!.AsArray());
        Assert.Null(one["truthCheck"]);
    }

    [Fact]
    public async Task A_truncated_stream_is_gone_and_one_of_too_many_events_is_too_large()
    {
        await using var host = await StartAsync();
        for (var i = 0; i < 3; i++) await AppendAsync(host, "a");
        var token = TestContext.Current.CancellationToken;
        var stream = new StreamName("things", "a");
        await host.Store.TruncateAsync(
            new Truncation(stream, new StreamVersion(3), new LogPosition(default, new GlobalPosition(3))), token);
        var gone = await host.Api.GetAsync("/api/models/things/a");
        gone.IsProblem(HttpStatusCode.Gone);
        Assert.Equal(("stream-truncated", 3), ((string?)gone.Json["code"], (int)gone.Json["first"]!));

        for (var i = 0; i < 2; i++)
        {
            NewEvent[] many =
            [
                .. Enumerable.Range(0, 6_000).Select(static _ => new NewEvent(
                    TimeProvider.System, "thing-changed", """{"amount":1}"""u8.ToArray())),
            ];
            var append = new Append(
                new StreamName("things", "long"), ExpectedVersion.Any, AppendId.New(TimeProvider.System), many);
            await host.Store.CommitAsync(append, DateTimeOffset.UnixEpoch, token);
        }

        var large = await host.Api.GetAsync("/api/models/things/long");
        large.IsProblem(HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal((12_000, 10_000), ((int)large.Json["actual"]!, (int)large.Json["allowed"]!));
    }

    private static Task<GatewayHost> StartAsync() =>
        GatewayHost.StartAsync(granary: static granary => granary.AddLiveProjection<Things>());

    private static JsonObject Event(int amount) =>
        new() { ["type"] = "thing-changed", ["data"] = new JsonObject { ["amount"] = amount } };

    private static async Task<string> AppendAsync(GatewayHost host, string key)
    {
        var answer = (await host.Api.PostAsync($"/api/streams/things/{key}", Event(1))).Is(HttpStatusCode.Created);
        return $"{answer.Json["partition"]}:{answer.Json["position"]}";
    }
}
