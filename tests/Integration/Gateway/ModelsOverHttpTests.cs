using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>Models are read over HTTP, and their projections watched and steered.</summary>
public sealed class ModelsOverHttpTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_has_what_was_appended_before_where_that_is_asked_for()
    {
        await using var host = await StartAsync();
        for (var i = 1; i <= 20; i++)
        {
            var position = await AppendAsync(host, "a%2Fb", 1, "red");
            var model = (await host.Api.GetAsync(
                "/api/models/things/a%2Fb", (MinPosition, position))).Is(HttpStatusCode.OK).Json;
            Assert.Equal("a/b", (string?)model["key"]);
            Assert.Equal(i, (int)model["model"]!["total"]!);
        }

        var behind = await host.Api.GetAsync("/api/models/things/a%2Fb?wait=0", (MinPosition, "0:1000"));
        behind.IsProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(("models-behind", "0:20"), ((string?)behind.Json["code"], (string?)behind.Json["passed"]));
        (await host.Api.GetAsync("/api/models/things/none")).IsProblem(HttpStatusCode.NotFound);
        (await host.Api.GetAsync("/api/models/none/a")).IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Models_are_found_ordered_and_paged_by_their_columns()
    {
        await using var host = await StartAsync();
        var last = "";
        for (var i = 0; i < 9; i++) last = await AppendAsync(host, $"t{i}", i / 3, i % 2 == 0 ? "red" : null);

        var found = new List<string>();
        string? after = null;
        do
        {
            var page = (await host.Api.GetAsync(
                "/api/models/things?orderBy=total&descending=true&limit=2" + (after is null ? "" : $"&after={after}"),
                (MinPosition, last))).Is(HttpStatusCode.OK).Json;
            found.AddRange(KeysOf(page));
            after = (string?)page["next"];
        }
        while (after is not null);
        Assert.Equal(["t8", "t7", "t6", "t5", "t4", "t3", "t2", "t1", "t0"], found);

        Assert.Equal(["t6", "t8"], await FindAsync(host, "where=total:ge:2&where=colour:eq:red"));
        Assert.Equal(["t1", "t3", "t5", "t7"], await FindAsync(host, "where=colour:null"));
        Assert.Equal(["t0"], await FindAsync(host, "where=key:lt:t1"));
    }

    [Theory]
    [InlineData("where=total")]
    [InlineData("where=total:up:1")]
    [InlineData("where=total:eq:x")]
    [InlineData("where=size:eq:1")]
    [InlineData("orderBy=size")]
    [InlineData("descending=yes")]
    [InlineData("limit=0")]
    [InlineData("after=x")]
    [InlineData("orderBy=total&after=WyJ4IiwiYSJd")]
    [InlineData("wait=1")]
    public async Task A_query_that_cannot_be_is_refused(string query)
    {
        await using var host = await StartAsync();
        (await host.Api.GetAsync($"/api/models/things?{query}")).IsProblem(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_stream_whose_event_fails_is_parked_and_handled_again_when_that_is_asked_for()
    {
        await using var host = await StartAsync();
        await AppendAsync(host, "good", 1, null);
        var failed = await host.Api.PostAsync(
            "/api/streams/things/bad",
            JsonNode.Parse("""{"type":"thing-changed","data":{"amount":1,"fails":true}}""")!);
        failed.Is(HttpStatusCode.Created);
        var last = await AppendAsync(host, "good", 1, null);
        (await host.Api.GetAsync("/api/models/things/good?wait=30", (MinPosition, last))).Is(HttpStatusCode.OK);
        (await host.Api.GetAsync("/api/models/things/bad")).IsProblem(HttpStatusCode.NotFound);

        var parked = (await host.Api.GetAsync("/api/projections/things/parked")).Is(HttpStatusCode.OK).Json;
        var one = Assert.Single(parked["streams"]!.AsArray())!;
        Assert.Equal(("things/bad", "0:2"), ((string?)one["stream"], (string?)one["position"]));
        Assert.Contains("as it says", (string?)one["error"], StringComparison.Ordinal);

        Things.Fail = false;
        (await PostAsync(host, "/api/projections/things/parked/things/bad/retry"))
            .Is(HttpStatusCode.NoContent);
        await UntilAsync(async () =>
            (await host.Api.GetAsync("/api/models/things/bad")).Status == HttpStatusCode.OK);
        Things.Fail = true;
        (await PostAsync(host, "/api/projections/things/parked/things/bad/retry"))
            .IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Projections_are_shown_paused_resumed_rebuilt_switched_and_dropped()
    {
        await using var host = await StartAsync();
        var last = await AppendAsync(host, "a", 1, null);
        (await host.Api.GetAsync("/api/models/things/a", (MinPosition, last))).Is(HttpStatusCode.OK);
        var shown = (await host.Api.GetAsync("/api/projections/things")).Is(HttpStatusCode.OK).Json;
        Assert.Equal("things_v1", (string?)shown["builds"]![0]!["name"]);
        Assert.Equal("published", (string?)shown["builds"]![0]!["state"]);
        Assert.Equal(0, (int)shown["builds"]![0]!["reader"]!["lag"]!);

        (await PostAsync(host, "/api/projections/things/pause")).Is(HttpStatusCode.NoContent);
        await UntilAsync(async () => await StateAsync(host) == "paused");
        (await PostAsync(host, "/api/projections/things/resume")).Is(HttpStatusCode.NoContent);
        await UntilAsync(async () => await StateAsync(host) == "live");

        (await PostAsync(host, "/api/projections/things/rebuild")).Is(HttpStatusCode.Accepted);
        await UntilAsync(async () => (string?)(await BuildAsync(host, 1))?["state"] == "ready");
        Assert.Equal(0, (int)(await BuildAsync(host, 1))!["differences"]!);
        (await host.Api.SendAsync(HttpMethod.Delete, "/api/projections/things/builds/things_v1", null))
            .IsProblem(HttpStatusCode.Conflict);
        (await PostAsync(host, "/api/projections/things/builds/things_v1_2/switch"))
            .Is(HttpStatusCode.NoContent);
        (await host.Api.SendAsync(HttpMethod.Delete, "/api/projections/things/builds/things_v1", null))
            .Is(HttpStatusCode.NoContent);
        (await host.Api.SendAsync(HttpMethod.Delete, "/api/projections/things/builds/things_v1", null))
            .IsProblem(HttpStatusCode.NotFound);
        (await host.Api.GetAsync("/api/models/things/a")).Is(HttpStatusCode.OK);
        (await host.Api.GetAsync("/api/subscriptions")).Is(HttpStatusCode.OK);
        (await host.Api.GetAsync("/api/projections")).Is(HttpStatusCode.OK);
        (await PostAsync(host, "/api/subscriptions/none/pause")).IsProblem(HttpStatusCode.NotFound);
    }

    private const string MinPosition = "Granary-Min-Position";

    private static Task<GatewayHost> StartAsync() =>
        GatewayHost.StartAsync(granary: static granary => granary.AddProjection<Things>());

    private static async Task<string> AppendAsync(GatewayHost host, string key, int amount, string? colour)
    {
        var data = new JsonObject { ["amount"] = amount, ["colour"] = colour };
        var answer = await host.Api.PostAsync(
            $"/api/streams/things/{key}", new JsonObject { ["type"] = "thing-changed", ["data"] = data });
        answer.Is(HttpStatusCode.Created);
        return $"{answer.Json["partition"]}:{answer.Json["position"]}";
    }

    private static Task<Answer> PostAsync(GatewayHost host, string path) =>
        host.Api.SendAsync(HttpMethod.Post, path, null);

    private static async Task<IReadOnlyList<string>> FindAsync(GatewayHost host, string query) =>
        KeysOf((await host.Api.GetAsync($"/api/models/things?{query}")).Is(HttpStatusCode.OK).Json);

    private static IReadOnlyList<string> KeysOf(JsonNode page) =>
        [.. page["models"]!.AsArray().Select(static one => (string)one!["key"]!)];

    private static async Task<string?> StateAsync(GatewayHost host) =>
        (string?)(await BuildAsync(host, 0))!["reader"]!["partitions"]![0]!["state"];

    private static async Task<JsonNode?> BuildAsync(GatewayHost host, int at)
    {
        var builds = (await host.Api.GetAsync("/api/projections/things")).Json["builds"]!.AsArray();
        return at < builds.Count ? builds[at] : null;
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        while (!await isSo())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
