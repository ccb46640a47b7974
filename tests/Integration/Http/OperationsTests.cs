using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;

namespace Granary.Tests.Integration;

[Collection(SharedSilo.Name)]
public sealed partial class OperationsTests(SiloFixture fixture)
{
    private Api Api => fixture.Api;

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/health/readers")]
    public async Task A_healthy_silo_answers_200(string path) => (await Api.GetAsync(path)).Is(HttpStatusCode.OK);

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/health/live")]
    [InlineData("/openapi/granary.json")]
    public async Task What_is_read_only_takes_no_other_method(string path)
    {
        foreach (var method in new[] { HttpMethod.Delete, HttpMethod.Put, HttpMethod.Post, HttpMethod.Patch })
            (await Api.SendAsync(method, path, null)).IsProblem(HttpStatusCode.MethodNotAllowed);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/health/ready")]
    [InlineData("/openapi/granary.json")]
    [InlineData("/reference/")]
    [InlineData("/api/log")]
    public async Task What_GET_answers_HEAD_answers_too_and_get_does_not(string path)
    {
        var read = (await Api.GetAsync(path)).Is(HttpStatusCode.OK);
        var head = (await Api.SendAsync(HttpMethod.Head, path, null)).Is(HttpStatusCode.OK);
        Assert.Equal((read.ContentType, ""), (head.ContentType, head.Text));
        var (status, text) = await RawRequest.SendAsync(fixture.Silo.Url, "get", path);
        Assert.True(status == 405, text);
        Assert.Contains("\r\nAllow: GET", text, StringComparison.Ordinal);
        Assert.Contains("\"method-not-allowed\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_metrics_count_appends()
    {
        (await Api.PostAsync(Api.Stream("metrics", Events.NewKey()), Events.Numbered(1))).Is(HttpStatusCode.Created);
        var answer = (await Api.GetAsync("/metrics")).Is(HttpStatusCode.OK);
        var counted = Appends().Match(answer.Text);
        Assert.True(counted.Success, answer.Text);
        Assert.True(long.Parse(counted.Groups[1].Value, CultureInfo.InvariantCulture) > 0);
    }

    [Fact]
    public async Task The_description_of_the_API_is_valid_and_names_every_call_with_its_schemas()
    {
        var text = (await Api.GetAsync("/openapi/granary.json")).Is(HttpStatusCode.OK).Text;
        var read = OpenApiDocument.Parse(text, "json");
        Assert.Empty(read.Diagnostic!.Errors);
        string[] expected =
        [
            "post /api/streams/{category}/{key}", "get /api/streams/{category}/{key}",
            "delete /api/streams/{category}/{key}", "delete /api/streams/{category}/{key}/events",
            "get /api/streams/{category}/{key}/events", "get /api/streams/{category}/{key}/state", "get /api/log",
            "post /api/accounts/{id}", "get /api/accounts/{id}", "post /api/accounts/{id}/deposits",
            "post /api/accounts/{id}/withdrawals", "post /api/accounts/{id}/close", "get /health/live",
            "get /health/ready", "get /health/readers", "options /api/streams/{category}/{key}", "post /api/appends",
            "get /api/log/live", "get /api/streams/{category}/{key}/live",
            "post /api/transfers", "get /api/transfers/{id}",
            "get /api/models/{projection}", "get /api/models/{projection}/{key}",
            "get /api/projections", "get /api/projections/{name}", "post /api/projections/{name}/rebuild",
            "post /api/projections/{name}/builds/{build}/switch", "delete /api/projections/{name}/builds/{build}",
            "get /api/subscriptions", "get /api/subscriptions/{name}", "put /api/subscriptions/{name}",
            "delete /api/subscriptions/{name}", "post /api/subscriptions/{name}/next",
            "post /api/subscriptions/{name}/ack", "post /api/subscriptions/{name}/nack",
            .. from kind in new[] { "projections", "subscriptions" }
            from call in new[]
            {
                "post /api/{0}/{{name}}/pause", "post /api/{0}/{{name}}/resume", "get /api/{0}/{{name}}/parked",
                "post /api/{0}/{{name}}/parked/{{category}}/{{key}}/retry",
                "delete /api/{0}/{{name}}/parked/{{category}}/{{key}}",
            }
            select string.Format(CultureInfo.InvariantCulture, call, kind),
        ];
        var calls = read.Document!.Paths
            .SelectMany(static path => path.Value.Operations!.Select(one => (Path: path.Key, one.Key, one.Value)))
            .ToDictionary(static one => $"{one.Key.Method.ToLowerInvariant()} {one.Path}", static one => one.Value);
        Assert.Equal(expected.Order(), calls.Keys.Order());
        Assert.All(calls, static call => Assert.Contains(
            call.Value.Responses!, one => one.Key.StartsWith('2')
                && (one.Value.Content is { Count: > 0 } || one.Key == "204"
                    || call.Key.StartsWith("options", StringComparison.Ordinal))));
        Assert.Equal(
            ["*/*", "application/cloudevents+json", "application/cloudevents-batch+json", "application/json"],
            calls["post /api/streams/{category}/{key}"].RequestBody!.Content!.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_description_matches_the_members_that_are_sent()
    {
        var schemas = (await Api.GetAsync("/openapi/granary.json")).Json["components"]!["schemas"]!;
        Assert.Equal("""["type"]""", schemas["EventRequest"]!["required"]!.ToJsonString());
        Assert.Equal("""["events","next","more"]""", schemas["PageResponse"]!["required"]!.ToJsonString());
        Assert.Equal("""["none","open","closed"]""", schemas["AccountStatus"]!["enum"]!.ToJsonString());
        var money = schemas["MoneyRequest"]!;
        Assert.Equal("""["amount","currency"]""", money["required"]!.ToJsonString());
        var open = schemas["OpenRequest"]!;
        Assert.Equal("""["owner","currency"]""", open["required"]!.ToJsonString());
        Assert.Equal("0", open["properties"]!["overdraftLimit"]!["default"]!.ToJsonString());
        Assert.Equal(
            """["type","title","status","detail","code"]""", schemas["ProblemResponse"]!["required"]!.ToJsonString());
        Assert.Equal("\"number\"", schemas["AccountView"]!["properties"]!["balance"]!["type"]!.ToJsonString());
        Assert.Equal("\"integer\"", schemas["AppendResponse"]!["properties"]!["version"]!["type"]!.ToJsonString());
    }

    [Fact]
    public async Task The_reference_page_contacts_no_other_host()
    {
        var page = await Api.GetAsync("/reference/");
        page.Is(HttpStatusCode.OK);
        Assert.Equal("text/html", page.ContentType);
        foreach (Match outside in Outside().Matches(page.Text)) Assert.Fail($"The page names {outside.Value}");

        // What its script may name does not count either: the browser may call no other origin.
        var policy = page.Headers["Content-Security-Policy"];
        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("*", policy, StringComparison.Ordinal);
        foreach (Match script in Script().Matches(page.Text))
            (await Api.GetAsync("/reference/" + script.Groups[1].Value)).Is(HttpStatusCode.OK);
    }

    [GeneratedRegex(@"(?:https?:)?//[\w.-]+\.\w+")]
    private static partial Regex Outside();

    [GeneratedRegex("""src="([^"]+)"[ >]""")]
    private static partial Regex Script();

    [GeneratedRegex(@"granary_append_duration_seconds_count\{[^}]*\} (\d+)")]
    private static partial Regex Appends();
}
