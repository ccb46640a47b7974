using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

[Collection(SharedSilo.Name)]
public sealed class StateTests(SiloFixture fixture)
{
    private readonly string _key = Events.NewKey();

    private Api Api => fixture.Api;

    private string Path => Api.Stream("states", _key);

    [Fact]
    public async Task The_state_is_the_fold_by_merge_patch()
    {
        await AppendAsync("""{"a":1,"b":{"c":2,"d":3}}""", """{"a":null,"b":{"c":4}}""", """{"e":[1]}""");

        var answer = (await Api.GetAsync(Path + "/state")).Is(HttpStatusCode.OK);
        Assert.StartsWith("\"3-", answer.ETag);
        Assert.Equal($"states/{_key}", answer.Json["stream"]!.GetValue<string>());
        Assert.Equal(3, answer.Json["version"]!.GetValue<long>());
        Assert.EndsWith("Z", answer.Json["timestamp"]!.GetValue<string>());
        AssertState("""{"b":{"c":4,"d":3},"e":[1]}""", answer);
    }

    [Fact]
    public async Task An_event_without_data_leaves_the_state_as_it_is()
    {
        await AppendAsync("""{"a":1}""");
        (await Api.PostAsync(Path, """{"type":"touched"}""")).Is(HttpStatusCode.Created);

        var answer = (await Api.GetAsync(Path + "/state")).Is(HttpStatusCode.OK);
        Assert.Equal(2, answer.Json["version"]!.GetValue<long>());
        AssertState("""{"a":1}""", answer);
    }

    [Fact]
    public async Task A_past_version_has_its_own_state()
    {
        await AppendAsync("""{"a":1}""", """{"a":2}""", """{"a":3}""");
        for (var version = 1; version <= 3; version++)
        {
            var answer = (await Api.GetAsync($"{Path}/state?version={version}")).Is(HttpStatusCode.OK);
            Assert.Equal(version, answer.Json["version"]!.GetValue<long>());
            AssertState($$"""{"a":{{version}}}""", answer);
        }
    }

    [Fact]
    public async Task A_past_instant_has_the_state_of_then()
    {
        await AppendAsync("""{"a":1}""");
        await AppendAsync("""{"a":2}""");
        var times = (await Api.PagesAsync(Path + "/events")).Select(one =>
            one["timestamp"]!.GetValue<string>()).ToList();

        AssertState("""{"a":1}""", (await At(times[0])).Is(HttpStatusCode.OK));
        AssertState("""{"a":2}""", (await At(times[1])).Is(HttpStatusCode.OK));
        AssertState("""{"a":2}""", (await At("2999-01-01T00:00:00Z")).Is(HttpStatusCode.OK));
        var before = (await At("2001-01-01T00:00:00Z")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(0, before["version"]!.GetValue<long>());
        Assert.Null(before["state"]);
    }

    [Fact]
    public async Task A_state_that_has_not_changed_is_304()
    {
        await AppendAsync("""{"a":1}""");
        var tag = (await Api.GetAsync(Path + "/state")).ETag!;
        var unchanged = await Api.GetAsync(Path + "/state", ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.NotModified, unchanged.Status);
        Assert.Empty(unchanged.Text);

        // A proxy that compresses makes the tag a weak one.
        var weak = await Api.GetAsync(Path + "/state", ("If-None-Match", "W/" + tag));
        Assert.Equal(HttpStatusCode.NotModified, weak.Status);

        await AppendAsync("""{"a":2}""");
        (await Api.GetAsync(Path + "/state", ("If-None-Match", tag))).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("version=9", HttpStatusCode.NotFound)]
    [InlineData("version=-1", HttpStatusCode.BadRequest)]
    [InlineData("version=x", HttpStatusCode.BadRequest)]
    [InlineData("at=yesterday", HttpStatusCode.BadRequest)]
    [InlineData("version=1&at=2026-01-01T00:00:00Z", HttpStatusCode.BadRequest)]
    public async Task A_past_that_is_not_there_is_a_problem(string query, HttpStatusCode status)
    {
        await AppendAsync("""{"a":1}""");
        (await Api.GetAsync($"{Path}/state?{query}")).IsProblem(status);
    }

    [Fact]
    public async Task An_account_has_a_state_and_a_past_as_well()
    {
        (await Api.PostAsync($"/api/accounts/{_key}", """{"owner":"Ada","currency":"EUR","overdraftLimit":0}"""))
            .Is(HttpStatusCode.Created);
        (await Api.PostAsync($"/api/accounts/{_key}/deposits", """{"amount":10.50,"currency":"EUR"}"""))
            .Is(HttpStatusCode.OK);

        var path = Api.Stream("account", _key) + "/state";
        var now = (await Api.GetAsync(path)).Is(HttpStatusCode.OK);
        Assert.Equal(2, now.Json["version"]!.GetValue<long>());
        Assert.Equal(10.50m, now.Json["state"]!["balance"]!.GetValue<decimal>());
        var then = (await Api.GetAsync(path + "?version=1")).Is(HttpStatusCode.OK);
        Assert.Equal(0m, then.Json["state"]!["balance"]!.GetValue<decimal>());
        Assert.Equal("Ada", then.Json["state"]!["owner"]!.GetValue<string>());
    }

    private Task<Answer> At(string instant) => Api.GetAsync($"{Path}/state?at={Uri.EscapeDataString(instant)}");

    private async Task AppendAsync(params string[] data)
    {
        var body = new JsonArray([.. data.Select(one => Events.One("changed", JsonNode.Parse(one)))]);
        (await Api.PostAsync(Path, body)).Is(HttpStatusCode.Created);
    }

    private static void AssertState(string expected, Answer answer) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), answer.Json["state"]), answer.Text);
}
