using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>What is refused is named, and changes nothing.</summary>
public sealed class RequestRefusalTests : IAsyncLifetime
{
    private const string Path = "/api/streams/things/1";

    private GatewayHost _host = null!;

    private Api Api => _host.Api;

    public async ValueTask InitializeAsync() => _host = await GatewayHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("")]
    [InlineData("http://user@{host}")]
    [InlineData("http://{host}/")]
    [InlineData("http://{host}/path")]
    [InlineData("http://{host}?query")]
    [InlineData("{host}")]
    public async Task A_call_without_a_body_from_another_origin_is_refused(string origin)
    {
        await OpenAsync();
        var (status, text) = await RawRequest.SendAsync(
            _host.Url, "POST", "/api/accounts/1/close",
            $"Origin: {origin.Replace("{host}", _host.Url.Authority, StringComparison.Ordinal)}\r\n",
            contentType: null);
        Assert.True(status == 403, text);
        Assert.Contains("\"cross-origin\"", text, StringComparison.Ordinal);
        Assert.Equal("open", (await Api.GetAsync("/api/accounts/1")).Json["status"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data")]
    public async Task A_form_of_another_origin_is_refused(string contentType)
    {
        await OpenAsync();
        foreach (var path in new[] { Path, "/api/accounts/1/close", "/api/accounts/1/deposits" })
        {
            (await Api.PostAsync(path, "{}", contentType, ("Origin", "https://evil.example")))
                .IsProblem(HttpStatusCode.Forbidden);
        }

        (await Api.GetAsync(Path)).IsProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_own_origin_or_none_or_JSON_from_any_may_change_state()
    {
        await OpenAsync();
        (await Api.PostAsync(Path, Events.Numbered(1), ("Origin", "https://other.example"))).Is(HttpStatusCode.Created);
        (await Api.SendAsync(
            HttpMethod.Post, "/api/accounts/1/close", null,
            ("Origin", _host.Url.GetLeftPart(UriPartial.Authority)))).Is(HttpStatusCode.OK);
        (await Api.PostAsync("/api/accounts/2", """{"owner":"Ada","currency":"EUR"}""")).Is(HttpStatusCode.Created);
        (await Api.SendAsync(HttpMethod.Post, "/api/accounts/2/close", null)).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/api/log?partiton=1", "partiton")]
    [InlineData("/api/log?direction=backward", "direction")]
    [InlineData(Path + "?limit=1", "limit")]
    [InlineData(Path + "/events?from=1", "from")]
    [InlineData(Path + "/state?verison=1", "verison")]
    [InlineData("/api/accounts/1?version=1", "version")]
    [InlineData(Path + "/events?limit=1&limit=2", "limit")]
    [InlineData(Path + "/events?limit=", "limit")]
    [InlineData("/api/log?after=", "after")]
    [InlineData(Path + "/state?at=", "at")]
    [InlineData(Path + "/events?after=1&direction=backward", "after")]
    [InlineData(Path + "/events?before=1&direction=forward", "before")]
    [InlineData(Path + "/events?before=1&after=1", "after")]
    [InlineData(Path + "/events?before=0", "before")]
    [InlineData("/api/log/live?limit=1", "limit")]
    [InlineData("/api/log/live?from=now", "from")]
    [InlineData("/api/log/live?from=end&after=0:1", "after")]
    [InlineData("/api/log/live?after=7", "after")]
    [InlineData("/api/log/live?after=0:1,0:2", "after")]
    [InlineData("/api/log/live?partition=0&after=1:5", "partition")]
    [InlineData("/api/log/live?stream=things", "stream")]
    [InlineData("/api/log/live?category=", "category")]
    [InlineData("/api/log/live?partition=0&partition=1", "partition")]
    [InlineData(Path + "/live?after=7-0", "after")]
    [InlineData(Path + "/live?after=x", "after")]
    [InlineData(Path + "/live?type=a", "type")]
    public async Task A_query_parameter_that_is_not_understood_is_named(string path, string name)
    {
        await OpenAsync();
        (await Api.PostAsync(Path, Events.Numbered(3))).Is(HttpStatusCode.Created);
        var problem = (await Api.GetAsync(path)).IsProblem(HttpStatusCode.BadRequest);
        Assert.Contains(name, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_append_takes_no_query()
    {
        (await Api.PostAsync(Path + "?expected=1", Events.Numbered(1))).IsProblem(HttpStatusCode.BadRequest);
        (await Api.GetAsync(Path)).IsProblem(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""[{"type":"a"},{"type":"b"},{"data":1}]""", 2)]
    [InlineData("""[{"type":"a","id":7}]""", 0)]
    [InlineData("""[{"type":"a"},7]""", 1)]
    [InlineData("""[{"type":"a"},{"type":"b","metadata":{"n":1}}]""", 1)]
    public async Task An_error_in_an_array_names_the_event(string body, int index)
    {
        var problem = (await Api.PostAsync(Path, body)).IsProblem(HttpStatusCode.BadRequest);
        Assert.Equal(index, problem["index"]!.GetValue<int>());
        Assert.Contains($"[{index}]", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_of_an_array_that_is_too_large_is_named()
    {
        var large = Events.One("large", new string('x', 1024 * 1024));
        var problem = (await Api.PostAsync(Path, new JsonArray(Events.One("small"), large)))
            .IsProblem(HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal(1, problem["index"]!.GetValue<int>());
        var long_ = Events.One(new string('t', 513));
        problem = (await Api.PostAsync(Path, new JsonArray(Events.One("small"), Events.One("small"), long_)))
            .IsProblem(HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal(2, problem["index"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("nonsense")]
    [InlineData("identity, gzip")]
    [InlineData("")]
    public async Task A_content_encoding_is_415_and_named(string encoding)
    {
        var (status, text) = await RawRequest.SendAsync(
            _host.Url, "POST", Path, $"Content-Encoding: {encoding}\r\n", """{"type":"a"}""");
        Assert.True(status == 415, text);
        Assert.Contains("Content-Encoding", text, StringComparison.Ordinal);
        Assert.Contains("\r\nAccept-Encoding: identity\r\n", text, StringComparison.Ordinal);
        (status, _) = await RawRequest.SendAsync(
            _host.Url, "POST", Path, "Content-Encoding: identity\r\n", """{"type":"a"}""");
        Assert.Equal(201, status);
    }

    [Theory]
    [InlineData("/deposits", """{"amount":1}""", "currency")]
    [InlineData("/deposits", """{"currency":"EUR"}""", "amount")]
    [InlineData("/withdrawals", "{}", "amount, currency")]
    [InlineData("/deposits", """{"amount":1,"currency":null}""", "currency")]
    [InlineData("", """{"owner":"Ada"}""", "currency")]
    [InlineData("", """{"currency":"EUR"}""", "owner")]
    public async Task A_member_that_is_missing_is_400_and_named(string rest, string body, string named)
    {
        if (rest.Length > 0) await OpenAsync();
        var problem = (await Api.PostAsync("/api/accounts/1" + rest, body)).IsProblem(HttpStatusCode.BadRequest);
        Assert.Contains(named, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_problem_has_a_stable_type_and_code()
    {
        foreach (var (answer, code) in new[]
        {
            (await Api.GetAsync(Path), "not-found"),
            (await Api.GetAsync(Path + "/events?limit=0"), "invalid-query"),
            (await Api.PostAsync(Path, "{"), "malformed-json"),
            (await Api.PostAsync(Path, "{}"), "invalid-event"),
            (await Api.PostAsync(Path, "x", "text/plain"), "unsupported-content-type"),
            (await Api.PostAsync(Path, Events.Numbered(1), ("If-Match", "\"1\"")), "wrong-expected-version"),
            (await Api.PostAsync(Path, Events.Numbered(1), ("If-Match", "x")), "invalid-header"),
            (await Api.PostAsync("/api/streams/account/1", Events.Numbered(1)), "category-owned"),
            (await Api.PostAsync("/api/accounts/9/close", "{}"), "not-open"),
        })
        {
            var problem = answer.IsProblem(answer.Status);
            Assert.Equal(code, problem["code"]?.GetValue<string>());
            Assert.Equal($"urn:granary:problem:{code}", problem["type"]!.GetValue<string>());
        }
    }

    private async Task OpenAsync() =>
        (await Api.PostAsync("/api/accounts/1", """{"owner":"Ada","currency":"EUR"}""")).Is(HttpStatusCode.Created);
}
