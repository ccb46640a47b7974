using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>Consumers in any language lease events over HTTP, acknowledge and refuse them.</summary>
public sealed class SubscriptionsOverHttpTests
{
    private const string Mailer = "/api/subscriptions/mailer";

    [Fact]
    public async Task Events_are_leased_acknowledged_and_never_handed_out_again()
    {
        await using var host = await StartAsync();
        await AppendAsync(host, "a", 2);
        await AppendAsync(host, "b", 1);
        await CreateAsync(host, """{"categories":["things"]}""", HttpStatusCode.Created);

        var first = await NextAsync(host, 2);
        Assert.Equal(["things/a:1", "things/b:1"], Names(first));
        Assert.Empty(await NextAsync(host, 0));
        await EndAsync(host, "ack", first, ended: 2);
        var second = await NextAsync(host, 1);
        Assert.Equal(["things/a:2"], Names(second));
        Assert.Equal(3, (int)second[0]!["event"]!["data"]!["n"]!);
        await EndAsync(host, "ack", second, ended: 1);

        var status = (await host.Api.GetAsync(Mailer)).Is(HttpStatusCode.OK).Json;
        Assert.Equal(("subscription", 0), ((string?)status["kind"], (int)status["lag"]!));
        Assert.Equal("things", (string?)status["settings"]!["categories"]![0]);
    }

    [Fact]
    public async Task A_waiting_consumer_gets_what_is_appended_and_a_call_without_body_has_the_defaults()
    {
        await using var host = await StartAsync();
        await CreateAsync(host, "{}", HttpStatusCode.Created);
        var waiting = host.Api.PostAsync($"{Mailer}/next", """{"waitMs":30000}""");
        await AppendAsync(host, "late", 1);
        var leased = (await waiting).Is(HttpStatusCode.OK).Json["events"]!.AsArray();
        Assert.Equal(["things/late:1"], Names(leased));
        using var http = new HttpClient { BaseAddress = host.Url };
        using var bare = await http.PostAsync($"{Mailer}/next", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, bare.StatusCode);
    }

    [Fact]
    public async Task A_refused_event_is_parked_with_its_reason_and_replayed_or_dropped()
    {
        await using var host = await StartAsync();
        await AppendAsync(host, "bad", 2);
        await CreateAsync(host, """{"triesMax":1}""", HttpStatusCode.Created);
        await EndAsync(host, "nack", await NextAsync(host, 1), ended: 1, ""","reason":"no address" """);

        var parked = (await host.Api.GetAsync($"{Mailer}/parked")).Is(HttpStatusCode.OK).Json["streams"]!.AsArray();
        Assert.Contains("no address", (string?)Assert.Single(parked)!["error"]);
        (await host.Api.PostAsync($"{Mailer}/parked/things/bad/retry", "")).Is(HttpStatusCode.NoContent);
        await EndAsync(host, "ack", await NextAsync(host, 1), ended: 1);
        await EndAsync(host, "nack", await NextAsync(host, 1), ended: 1);
        (await DeleteAsync(host, $"{Mailer}/parked/things/bad")).Is(HttpStatusCode.NoContent);
        await AppendAsync(host, "bad", 1);
        Assert.Equal(["things/bad:3"], Names(await NextAsync(host, 1)));
    }

    [Fact]
    public async Task A_subscription_is_created_once_and_refused_with_other_settings_or_a_name_in_use()
    {
        await using var host = await StartAsync();
        await CreateAsync(host, """{"types":["a","b"]}""", HttpStatusCode.Created);
        await CreateAsync(host, """{"types":["b","a"],"from":"start"}""", HttpStatusCode.OK);
        await CreateAsync(host, """{"types":["a"]}""", HttpStatusCode.Conflict);
        var used = await PutAsync(host, "/api/subscriptions/things", "{}");
        Assert.Equal("subscription-exists", (string?)used.IsProblem(HttpStatusCode.Conflict)["code"]);
    }

    [Fact]
    public async Task A_deleted_subscription_is_gone_with_its_progress()
    {
        await using var host = await StartAsync();
        await AppendAsync(host, "a", 1);
        await CreateAsync(host, "{}", HttpStatusCode.Created);
        await EndAsync(host, "ack", await NextAsync(host, 1), ended: 1);
        (await DeleteAsync(host, Mailer)).Is(HttpStatusCode.NoContent);
        (await DeleteAsync(host, Mailer)).IsProblem(HttpStatusCode.NotFound);
        (await host.Api.PostAsync($"{Mailer}/next", "{}")).IsProblem(HttpStatusCode.NotFound);

        await CreateAsync(host, """{"from":"end"}""", HttpStatusCode.Created);
        await AppendAsync(host, "a", 1);
        Assert.Equal(["things/a:2"], Names(await NextAsync(host, 1)));
        (await DeleteAsync(host, Mailer)).Is(HttpStatusCode.NoContent);
        await CreateAsync(host, "{}", HttpStatusCode.Created);
        Assert.Equal(["things/a:1"], Names(await NextAsync(host, 1)));
    }

    [Fact]
    public async Task A_lease_that_is_none_any_more_is_named_and_one_that_never_was_is_refused()
    {
        await using var host = await StartAsync();
        await AppendAsync(host, "a", 1);
        await CreateAsync(host, "{}", HttpStatusCode.Created);
        var leased = await NextAsync(host, 1);
        var lease = (string)leased[0]!["lease"]!;
        await EndAsync(host, "ack", leased, ended: 1);
        var again = (await host.Api.PostAsync($"{Mailer}/ack", Leases(leased))).Is(HttpStatusCode.OK).Json;
        Assert.Equal((0, lease), ((int)again["ended"]!, (string?)again["lapsed"]![0]));
        (await host.Api.PostAsync($"{Mailer}/ack", """{"leases":["x"]}""")).IsProblem(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_value_that_is_not_allowed_is_refused_and_changes_nothing()
    {
        await using var host = await StartAsync();
        foreach (var body in new[]
        {
            """{"categories":["a/b"]}""", """{"streams":["a"]}""", """{"types":[""]}""", """{"types":[null]}""",
            """{"from":"middle"}""", """{"leaseMs":1}""", """{"leaseMs":-1}""", """{"triesMax":0}""",
            """{"retryDelayMs":99999999}""", """{"colour":"red"}""",
        })
            (await PutAsync(host, Mailer, body)).IsProblem(HttpStatusCode.BadRequest);
        (await host.Api.GetAsync(Mailer)).IsProblem(HttpStatusCode.NotFound);
        foreach (var name in new[] { "Mailer", "1", "a%2Fb" })
        {
            (await PutAsync(host, $"/api/subscriptions/{name}", "{}")).IsProblem(HttpStatusCode.BadRequest);
            (await host.Api.PostAsync($"/api/subscriptions/{name}/next", "{}")).IsProblem(HttpStatusCode.NotFound);
            (await DeleteAsync(host, $"/api/subscriptions/{name}")).IsProblem(HttpStatusCode.NotFound);
        }

        await CreateAsync(host, "{}", HttpStatusCode.Created);
        foreach (var (call, body) in new[]
        {
            ("next", """{"limit":0}"""), ("next", """{"limit":1001}"""),
            ("next", """{"leaseMs":9223372036854775807}"""), ("next", """{"waitMs":30001}"""),
            ("nack", """{"leases":[],"delayMs":99999999}"""), ("ack", "{}"), ("ack", """{"leases":[null]}"""),
        })
            (await host.Api.PostAsync($"{Mailer}/{call}", body)).IsProblem(HttpStatusCode.BadRequest);
    }

    private static Task<GatewayHost> StartAsync() =>
        GatewayHost.StartAsync(granary: static granary => granary.AddProjection<Things>());

    private static Task<Answer> PutAsync(GatewayHost host, string path, string body) =>
        host.Api.SendAsync(
            HttpMethod.Put, path, new StringContent(body, Encoding.UTF8, "application/json"));

    private static Task<Answer> DeleteAsync(GatewayHost host, string path) =>
        host.Api.SendAsync(HttpMethod.Delete, path, null);

    private static async Task AppendAsync(GatewayHost host, string stream, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var body = JsonNode.Parse("""{"type":"thing-noted","data":{"n":3}}""")!;
            (await host.Api.PostAsync($"/api/streams/things/{stream}", body)).Is(HttpStatusCode.Created);
        }
    }

    private static async Task CreateAsync(GatewayHost host, string settings, HttpStatusCode status) =>
        Assert.Equal(status, (await PutAsync(host, Mailer, settings)).Status);

    // Waits for as many as are expected; none are expected without a wait.
    private static async Task<JsonArray> NextAsync(GatewayHost host, int count)
    {
        var wait = count == 0 ? 0 : 30_000;
        var all = new JsonArray();
        do
        {
            var answer = await host.Api.PostAsync(
                $"{Mailer}/next", new JsonObject { ["limit"] = Math.Max(count, 1), ["waitMs"] = wait });
            foreach (var one in answer.Is(HttpStatusCode.OK).Json["events"]!.AsArray()) all.Add(one!.DeepClone());
        }
        while (all.Count < count);
        return all;
    }

    private static async Task EndAsync(GatewayHost host, string how, JsonArray events, int ended, string more = "")
    {
        var body = Leases(events);
        var answer = await host.Api.PostAsync($"{Mailer}/{how}", body[..^1] + more + "}");
        Assert.Equal(ended, (int)answer.Is(HttpStatusCode.OK).Json["ended"]!);
    }

    private static string Leases(JsonArray events) =>
        $$"""{"leases":{{new JsonArray([.. events.Select(one => one!["lease"]!.DeepClone())]).ToJsonString()}}}""";

    private static IEnumerable<string> Names(JsonArray events) =>
        events.Select(one => $"{one!["event"]!["stream"]}:{one["event"]!["version"]}").Order(StringComparer.Ordinal);
}
