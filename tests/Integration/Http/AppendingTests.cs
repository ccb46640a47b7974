using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

[Collection(SharedSilo.Name)]
public sealed class AppendingTests(SiloFixture fixture)
{
    private readonly string _key = Events.NewKey();

    private Api Api => fixture.Api;

    private string Path => Api.Stream("things", _key);

    [Fact]
    public async Task One_event_is_answered_201_with_its_version_and_position()
    {
        var answer = (await Api.PostAsync(Path, Events.One("made", new JsonObject { ["size"] = 1 })))
            .Is(HttpStatusCode.Created);

        Assert.Equal($"\"1-{answer.Json["position"]}\"", answer.ETag);
        Assert.Equal($"things/{_key}", answer.Json["stream"]!.GetValue<string>());
        Assert.Equal("Appended", answer.Json["outcome"]!.GetValue<string>());
        Assert.Equal(1, answer.Json["firstVersion"]!.GetValue<long>());
        Assert.Equal(1, answer.Json["version"]!.GetValue<long>());
        Assert.Equal(0, answer.Json["partition"]!.GetValue<int>());
        Assert.True(answer.Json["position"]!.GetValue<long>() > 0);
    }

    [Fact]
    public async Task An_array_lands_as_one_append()
    {
        await Api.PostAsync(Path, Events.Numbered(2));
        var answer = (await Api.PostAsync(Path, Events.Numbered(5, from: 3))).Is(HttpStatusCode.Created);

        Assert.Equal($"\"7-{answer.Json["position"]}\"", answer.ETag);
        Assert.Equal(3, answer.Json["firstVersion"]!.GetValue<long>());
        Assert.Equal(7, answer.Json["version"]!.GetValue<long>());
        var events = await Api.PagesAsync(Path + "/events");
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], events.Select(one => one["data"]!["n"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Id_metadata_and_data_come_back_as_they_went_in()
    {
        var id = Events.NewKey();
        var data = JsonNode.Parse(
            """{"text":"ä€𝄞\"\\ ","none":null,"list":[1,2.50,true,{"a":[]}],"big":12345678901234567890}""")!;
        var body = Events.One("made", data.DeepClone(), id);
        body["metadata"] = new JsonObject { ["actor"] = "eve", ["correlationId"] = "c-1", ["reason"] = "für Tests" };
        (await Api.PostAsync(Path, body)).Is(HttpStatusCode.Created);

        var recorded = Assert.Single(await Api.PagesAsync(Path + "/events"));
        Assert.Equal(id, recorded["id"]!.GetValue<string>());
        Assert.True(JsonNode.DeepEquals(data, recorded["data"]), recorded.ToJsonString());
        Assert.Equal("eve", recorded["metadata"]!["actor"]!.GetValue<string>());
        Assert.Equal("c-1", recorded["metadata"]!["correlationId"]!.GetValue<string>());
        Assert.Equal("für Tests", recorded["metadata"]!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_expected_version_lands_and_another_is_412_with_both_versions()
    {
        (await Api.PostAsync(Path, Events.Numbered(3))).Is(HttpStatusCode.Created);
        (await Api.PostAsync(Path, Events.Numbered(1), ("If-Match", "\"3\""))).Is(HttpStatusCode.Created);

        var problem = (await Api.PostAsync(Path, Events.Numbered(1), ("If-Match", "\"3\"")))
            .IsProblem(HttpStatusCode.PreconditionFailed);
        Assert.Equal(3, problem["expected"]!.GetValue<long>());
        Assert.Equal(4, problem["actual"]!.GetValue<long>());
        Assert.Equal(4, (await Api.PagesAsync(Path + "/events")).Count);
    }

    [Fact]
    public async Task If_none_match_star_lands_on_no_stream_only()
    {
        (await Api.PostAsync(Path, Events.Numbered(1), ("If-None-Match", "*"))).Is(HttpStatusCode.Created);
        var problem = (await Api.PostAsync(Path, Events.Numbered(1), ("If-None-Match", "*")))
            .IsProblem(HttpStatusCode.PreconditionFailed);
        Assert.Equal(1, problem["actual"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_retry_with_the_same_idempotency_key_is_200_with_the_same_body()
    {
        var body = Events.Numbered(2);
        var first = (await Api.PostAsync(Path, body, ("Idempotency-Key", "k-1"))).Is(HttpStatusCode.Created);
        await Api.PostAsync(Path, Events.Numbered(1));
        var second = (await Api.PostAsync(Path, body, ("Idempotency-Key", "k-1"))).Is(HttpStatusCode.OK);

        var expected = first.Json;
        expected["outcome"] = "AlreadyAppended";
        Assert.True(JsonNode.DeepEquals(expected, second.Json), second.Text);
        Assert.Equal(first.ETag, second.ETag);
        Assert.Equal(3, (await Api.PagesAsync(Path + "/events")).Count);
    }

    [Fact]
    public async Task A_retry_of_a_conditional_append_is_not_a_conflict_with_itself()
    {
        (string, string)[] headers = [("Idempotency-Key", "k-2"), ("If-None-Match", "*")];
        (await Api.PostAsync(Path, Events.Numbered(1), headers)).Is(HttpStatusCode.Created);
        (await Api.PostAsync(Path, Events.Numbered(1), headers)).Is(HttpStatusCode.OK);
        Assert.Single(await Api.PagesAsync(Path + "/events"));
    }

    [Fact]
    public async Task The_same_idempotency_key_with_another_body_is_422()
    {
        (await Api.PostAsync(Path, Events.Numbered(1), ("Idempotency-Key", "k-3"))).Is(HttpStatusCode.Created);
        (await Api.PostAsync(Path, Events.Numbered(2), ("Idempotency-Key", "k-3")))
            .IsProblem(HttpStatusCode.UnprocessableEntity);
        Assert.Single(await Api.PagesAsync(Path + "/events"));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb?c#d")]
    [InlineData("ключ 鍵 🔑")]
    [InlineData("..")]
    [InlineData(" ")]
    [InlineData("a\\b\"c'd;--")]
    [InlineData("a+b%2B%25%2f")]
    [InlineData("\u0001\r\n\t\u007f")]
    [InlineData("\u202e\ufeff\u00ad")]
    public async Task A_key_may_hold_any_character(string text)
    {
        // A key of dots alone would be eaten by every client's URL parser, so that part is tried in company.
        var key = $"{_key}-{text}-";
        var path = Api.Stream("things", key);
        var answer = (await Api.PostAsync(path, Events.Numbered(1))).Is(HttpStatusCode.Created);

        Assert.Equal($"things/{key}", answer.Json["stream"]!.GetValue<string>());
        (await Api.GetAsync(path)).Is(HttpStatusCode.OK);
        Assert.Equal($"things/{key}", (await Api.PagesAsync(path + "/events"))[0]["stream"]!.GetValue<string>());
        var state = (await Api.GetAsync(path + "/state")).Is(HttpStatusCode.OK);
        Assert.Equal(1, state.Json["state"]!["n"]!.GetValue<int>());
    }

    [Theory]
    [InlineData(".", ".")]
    [InlineData("..", "..")]
    [InlineData("%2E%2e", "..")]
    [InlineData("a+b", "a+b")]
    [InlineData("%2B", "+")]
    [InlineData("%252F", "%2F")]
    [InlineData("%2f..%2F", "/../")]
    [InlineData("%20", " ")]
    public async Task A_key_is_what_was_sent_also_where_a_client_would_have_put_it_right(string sent, string key)
    {
        // A category of its own, so that the key can be all that is tried.
        var category = $"raw-{_key}";
        var target = $"/api/streams/{category}/{sent}";
        var (status, text) = await RawRequest.SendAsync(
            fixture.Silo.Url, "POST", target, body: """{"type":"made","data":{"k":1}}""");
        Assert.Equal(201, status);
        Assert.Contains($"\"stream\":\"{category}/{key}\"", text, StringComparison.Ordinal);
        Assert.Equal(200, (await RawRequest.SendAsync(fixture.Silo.Url, "GET", target + "/state")).Status);
    }

    [Theory]
    [InlineData("%00")]
    [InlineData("%")]
    [InlineData("%zz")]
    [InlineData("%C3%28")]
    [InlineData("%ED%A0%80")]
    public async Task A_key_that_no_text_is_made_of_is_400(string sent) => Assert.Equal(
        400, (await RawRequest.SendAsync(
            fixture.Silo.Url, "POST", $"/api/streams/raw-{_key}/{sent}", body: """{"type":"a"}""")).Status);

    [Fact]
    public async Task Category_and_key_of_512_characters_fit_into_a_request_in_any_script()
    {
        var name = new string('你', 512);
        (await Api.PostAsync(Api.Stream(name, name), Events.Numbered(1))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Many_writers_on_one_stream_lose_and_double_nothing()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(1, 60).Select(n => Api.PostAsync(Path, Events.Numbered(1, from: n))));

        Assert.All(answers, answer => answer.Is(HttpStatusCode.Created));
        var events = await Api.PagesAsync(Path + "/events");
        Assert.Equal(Enumerable.Range(1, 60).Select(n =>
            (long)n), events.Select(one => one["version"]!.GetValue<long>()));
        Assert.Equal(Enumerable.Range(1, 60), events.Select(one => one["data"]!["n"]!.GetValue<int>()).Order());
    }

    [Fact]
    public async Task Of_many_writers_that_expect_the_same_version_one_lands()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(1, 20).Select(n =>
                Api.PostAsync(Path, Events.Numbered(1, from: n), ("If-None-Match", "*"))));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Equal(19, answers.Count(answer => answer.Status == HttpStatusCode.PreconditionFailed));
        Assert.Single(await Api.PagesAsync(Path + "/events"));
    }
}
