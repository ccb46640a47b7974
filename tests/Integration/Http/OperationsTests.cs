using System.Net;
using System.Text.RegularExpressions;

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
        Assert.Contains("granary_", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_description_of_the_API_names_every_call()
    {
        var paths = (await Api.GetAsync("/openapi/v1.json")).Is(HttpStatusCode.OK).Json["paths"]!.AsObject();
        string[] expected =
        [
            "/api/streams/{category}/{key}", "/api/streams/{category}/{key}/events",
                "/api/streams/{category}/{key}/state",
            "/api/log", "/api/accounts/{id}", "/api/accounts/{id}/deposits", "/api/accounts/{id}/withdrawals",
            "/api/accounts/{id}/close",
        ];
        Assert.All(expected, path => Assert.Contains(path, paths.Select(one => one.Key)));
    }

    [Fact]
    public async Task The_reference_page_asks_nobody_outside()
    {
        var page = await Api.GetAsync("/reference");
        if (page.Status is HttpStatusCode.Redirect or HttpStatusCode.MovedPermanently)
            page = await Api.GetAsync(page.Headers["Location"]);
        page.Is(HttpStatusCode.OK);
        Assert.Equal("text/html", page.ContentType);
        foreach (Match source in OutsideSource().Matches(page.Text)) Assert.Fail($"The page loads {source.Value}");
    }

    [GeneratedRegex("""(?:src|href)\s*=\s*["'](?:https?:)?//[^"']+["']""")]
    private static partial Regex OutsideSource();
}
