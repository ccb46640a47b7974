using Granary.Gateway;

namespace Granary.Tests.Unit.Gateway;

public sealed class RequestHeadersTests
{
    [Fact]
    public void Without_a_condition_any_version_will_do() => Assert.Equal(ExpectedVersion.Any, Expected());

    [Fact]
    public void A_condition_names_a_version_or_none_or_any_but_none()
    {
        Assert.Equal(ExpectedVersion.Exactly(new(7)), Expected(("If-Match", "\"7\"")));
        Assert.Equal(ExpectedVersion.StreamExists, Expected(("If-Match", "*")));
        Assert.Equal(ExpectedVersion.NoStream, Expected(("If-None-Match", "*")));
    }

    [Theory]
    [InlineData("If-Match", "7")]
    [InlineData("If-Match", "\"\"")]
    [InlineData("If-Match", "\"")]
    [InlineData("If-Match", "\"-1\"")]
    [InlineData("If-Match", "\"99999999999999999999\"")]
    [InlineData("If-Match", "\"1\", \"2\"")]
    [InlineData("If-Match", "W/\"7\"")]
    [InlineData("If-None-Match", "\"7\"")]
    public void A_condition_that_cannot_be_understood_is_400(string name, string value) =>
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
    [InlineData("\"3\"", true)]
    [InlineData("\"1\", \"3\"", true)]
    [InlineData("*", true)]
    [InlineData("W/\"3\"", true)]
    [InlineData("W/\"13\"", false)]
    [InlineData("\"13\"", false)]
    [InlineData("", false)]
    public void A_caller_knows_the_versions_that_it_names(string header, bool knows) =>
        Assert.Equal(knows, RequestHeaders.Knows(Requests.Post("", "", ("If-None-Match", header)), new(3)));

    private static ExpectedVersion Expected(params (string, string)[] headers) =>
        RequestHeaders.Expected(Requests.Post("", "", headers));

    private static string? Key(params (string, string)[] headers) =>
        RequestHeaders.IdempotencyKey(Requests.Post("", "", headers));
}
