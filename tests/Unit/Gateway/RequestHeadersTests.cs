using Granary.Gateway;

namespace Granary.Tests.Unit.Gateway;

public sealed class RequestHeadersTests
{
    [Fact]
    public void Without_a_condition_any_version_will_do() => Assert.Equal([ExpectedVersion.Any], Expected());

    [Fact]
    public void A_condition_names_versions_or_none_or_any_but_none()
    {
        Assert.Equal([ExpectedVersion.Exactly(new(7))], Expected(("If-Match", "\"7\"")));
        Assert.Equal([ExpectedVersion.Exactly(new(7), new(42))], Expected(("If-Match", "\"7-42\"")));
        Assert.Equal(
            [ExpectedVersion.Exactly(new(1)), ExpectedVersion.Exactly(new(2), new(9))],
            Expected(("If-Match", "\"1\", \"2-9\"")));
        Assert.Equal([ExpectedVersion.StreamExists], Expected(("If-Match", "*")));
        Assert.Equal([ExpectedVersion.NoStream], Expected(("If-None-Match", "*")));
    }

    [Theory]
    [InlineData("If-Match", "")]
    [InlineData("If-Match", "7")]
    [InlineData("If-Match", "\"\"")]
    [InlineData("If-Match", "\"")]
    [InlineData("If-Match", "\"-1\"")]
    [InlineData("If-Match", "\"07\"")]
    [InlineData("If-Match", "\"7-0\"")]
    [InlineData("If-Match", "\"0-7\"")]
    [InlineData("If-Match", "\"7-042\"")]
    [InlineData("If-Match", "\"7-42-1\"")]
    [InlineData("If-Match", "\"99999999999999999999\"")]
    [InlineData("If-Match", "\"1\", *")]
    [InlineData("If-Match", "W/\"7\"")]
    [InlineData("If-None-Match", "")]
    [InlineData("If-None-Match", "\"7\"")]
    [InlineData("If-None-Match", "*, *")]
    [InlineData("If-Unmodified-Since", "Wed, 21 Oct 2026 07:28:00 GMT")]
    public void A_condition_that_cannot_be_checked_is_400(string name, string value) =>
        Assert.Equal(400, Assert.Throws<ApiProblem>(() => Expected((name, value))).Status);

    [Fact]
    public void Both_conditions_at_once_are_400() =>
        Assert.Throws<ApiProblem>(() => Expected(("If-Match", "*"), ("If-None-Match", "*")));

    [Fact]
    public void An_idempotency_key_has_1_to_200_characters()
    {
        Assert.Null(Key());
        Assert.Equal("k", Key(("Idempotency-Key", "k")));
        Assert.Equal(200, Key(("Idempotency-Key", new string('k', 200)))!.Length);
        Assert.Throws<ApiProblem>(() => Key(("Idempotency-Key", new string('k', 201))));
        Assert.Throws<ApiProblem>(() => Key(("Idempotency-Key", "")));
    }

    [Fact]
    public void Two_idempotency_keys_are_400()
    {
        var request = Requests.Post("", "");
        request.Headers["Idempotency-Key"] = new(["a", "b"]);
        Assert.Equal(400, Assert.Throws<ApiProblem>(() => RequestHeaders.IdempotencyKey(request)).Status);
    }

    [Theory]
    [InlineData("\"3-9\"", true)]
    [InlineData("\"1-1\", \"3-9\"", true)]
    [InlineData("*", true)]
    [InlineData("W/\"3-9\"", true)]
    [InlineData("\"3\"", false)]
    [InlineData("\"3-8\"", false)]
    [InlineData("\"13-9\"", false)]
    public void A_caller_has_what_the_whole_ETag_names(string header, bool has) => Assert.Equal(
        has, RequestHeaders.MatchesIfNoneMatch(Requests.Post("", "", ("If-None-Match", header)), "\"3-9\""));

    [Theory]
    [InlineData("")]
    [InlineData("3-9")]
    [InlineData("\"3-9\" \"4-10\"")]
    public void A_list_of_ETags_that_is_none_is_400(string header) => Assert.Equal(400, Assert.Throws<ApiProblem>(() =>
        RequestHeaders.MatchesIfNoneMatch(Requests.Post("", "", ("If-None-Match", header)), "\"3-9\"")).Status);

    private static ExpectedVersion[] Expected(params (string, string)[] headers) =>
        RequestHeaders.Expected(Requests.Post("", "", headers));

    private static string? Key(params (string, string)[] headers) =>
        RequestHeaders.IdempotencyKey(Requests.Post("", "", headers));
}
