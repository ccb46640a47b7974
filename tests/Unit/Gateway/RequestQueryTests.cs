using Granary.Gateway;

namespace Granary.Tests.Unit.Gateway;

public sealed class RequestQueryTests
{
    [Fact]
    public void What_is_not_said_has_its_default()
    {
        Assert.Equal(100, RequestQuery.Limit(null));
        Assert.Null(RequestQuery.Number("after", null));
        Assert.Equal(ReadDirection.Forward, RequestQuery.Direction(null));
        Assert.Null(RequestQuery.Instant("at", null));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    public void A_limit_out_of_its_range_is_named(string text) =>
        Assert.StartsWith("limit", Assert.Throws<ApiProblem>(() => RequestQuery.Limit(text)).Message);

    [Theory]
    [InlineData("2026-01-01T00:00:00Z", 0)]
    [InlineData("2026-01-01T02:00:00+02:00", 0)]
    [InlineData("2026-01-01T00:00:00.5Z", 500)]
    [InlineData("2026-01-01T00:00:00.500000000123Z", 500)]
    public void An_instant_is_read_as_UTC(string text, int milliseconds) => Assert.Equal(
        new DateTimeOffset(2026, 1, 1, 0, 0, 0, milliseconds, TimeSpan.Zero), RequestQuery.Instant("at", text));

    [Theory]
    [InlineData("yesterday")]
    [InlineData("2026-01-01")]
    [InlineData("12:00")]
    [InlineData("01/02/2026 00:00:00")]
    [InlineData("2026-13-01T00:00:00Z")]
    public void An_instant_that_is_none_is_400(string text) =>
        Assert.Equal(400, Assert.Throws<ApiProblem>(() => RequestQuery.Instant("at", text)).Status);
}
