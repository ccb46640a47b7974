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
    public async Task A_healthy_silo_says_so(string path) => (await Api.GetAsync(path)).Is(HttpStatusCode.OK);

    [Fact]
    public async Task The_metrics_tell_of_appends()
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
        var text = (await Api.GetAsync("/openapi/v1.json")).Is(HttpStatusCode.OK).Text;
        var read = OpenApiDocument.Parse(text, "json");
        Assert.Empty(read.Diagnostic!.Errors);
        string[] expected =
        [
            "post /api/streams/{category}/{key}", "get /api/streams/{category}/{key}",
            "get /api/streams/{category}/{key}/events", "get /api/streams/{category}/{key}/state", "get /api/log",
            "post /api/accounts/{id}", "get /api/accounts/{id}", "post /api/accounts/{id}/deposits",
            "post /api/accounts/{id}/withdrawals", "post /api/accounts/{id}/close", "get /health/live",
            "get /health/ready",
        ];
        var calls = read.Document!.Paths
            .SelectMany(static path => path.Value.Operations!.Select(one => (Path: path.Key, one.Key, one.Value)))
            .ToDictionary(static one => $"{one.Key.Method.ToLowerInvariant()} {one.Path}", static one => one.Value);
        Assert.Equal(expected.Order(), calls.Keys.Order());
        Assert.All(calls, static call => Assert.Contains(
            call.Value.Responses!, static one => one.Key.StartsWith('2') && one.Value.Content!.Count > 0));
        Assert.Equal(
            ["*/*", "application/cloudevents+json", "application/cloudevents-batch+json", "application/json"],
            calls["post /api/streams/{category}/{key}"].RequestBody!.Content!.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_description_says_of_members_what_is_really_sent()
    {
        var schemas = (await Api.GetAsync("/openapi/v1.json")).Json["components"]!["schemas"]!;
        Assert.Equal("""["type"]""", schemas["EventDescription"]!["required"]!.ToJsonString());
        Assert.Equal("""["events"]""", schemas["PageDescription"]!["required"]!.ToJsonString());
        Assert.Equal("""["none","open","closed"]""", schemas["AccountStatus"]!["enum"]!.ToJsonString());
        Assert.Equal("\"number\"", schemas["AccountView"]!["properties"]!["balance"]!["type"]!.ToJsonString());
        Assert.Equal("\"integer\"", schemas["AppendDescription"]!["properties"]!["version"]!["type"]!.ToJsonString());
    }

    [Fact]
    public async Task The_reference_page_asks_nobody_outside()
    {
        var page = await Api.GetAsync("/reference/");
        page.Is(HttpStatusCode.OK);
        Assert.Equal("text/html", page.ContentType);
        foreach (Match outside in Outside().Matches(page.Text)) Assert.Fail($"The page names {outside.Value}");

        // What its script may name does not count either: a browser is told to ask nobody else.
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
