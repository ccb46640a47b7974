using Granary.Gateway;
using Microsoft.AspNetCore.Http;

namespace Granary.Tests.Unit.Gateway;

public sealed class RequestQueryTests
{
    [Fact]
    public void What_is_not_sent_has_its_default()
    {
        Assert.Equal(100, RequestQuery.Limit(Request("")));
        Assert.Null(RequestQuery.Number(Request(""), "after"));
        Assert.Equal(
            new StreamRange(StreamVersion.Zero, GlobalPosition.Zero, ReadDirection.Forward, IsFromStart: true),
            RequestQuery.Range(Request("")));
        Assert.Null(RequestQuery.Instant(Request(""), "at"));
    }

    [Theory]
    [InlineData("after=7", 7, 0, ReadDirection.Forward)]
    [InlineData("after=7-42", 7, 42, ReadDirection.Forward)]
    [InlineData("before=7", 7, 0, ReadDirection.Backward)]
    [InlineData("before=7-42", 7, 42, ReadDirection.Backward)]
    [InlineData("direction=backward", long.MaxValue, 0, ReadDirection.Backward)]
    [InlineData("direction=backward&before=7", 7, 0, ReadDirection.Backward)]
    public void After_is_forward_and_before_is_backward(
        string query, long from, long position, ReadDirection direction) => Assert.Equal(
            new StreamRange(new StreamVersion(from), new GlobalPosition(position), direction),
            RequestQuery.Range(Request(query)));

    [Theory]
    [InlineData("0")]
    [InlineData("")]
    [InlineData("1001")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    public void A_limit_out_of_its_range_is_named(string text) => Assert.StartsWith(
        "limit", Assert.Throws<ApiProblem>(() => RequestQuery.Limit(Request("limit=" + text))).Message);

    [Theory]
    [InlineData("2026-01-01T00:00:00Z", 0)]
    [InlineData("2026-01-01T02:00:00%2B02:00", 0)]
    [InlineData("2026-01-01T00:00:00.5Z", 500)]
    [InlineData("2026-01-01T00:00:00.500000000123Z", 500)]
    public void An_instant_is_read_as_UTC(string text, int milliseconds) => Assert.Equal(
        new DateTimeOffset(2026, 1, 1, 0, 0, 0, milliseconds, TimeSpan.Zero),
        RequestQuery.Instant(Request("at=" + text), "at"));

    [Theory]
    [InlineData("yesterday")]
    [InlineData("2026-01-01")]
    [InlineData("12:00")]
    [InlineData("01/02/2026 00:00:00")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("2026-01-01T00:00:00Z%0A")]
    public void An_instant_that_is_none_is_400(string text) => Assert.Equal(
        400, Assert.Throws<ApiProblem>(() => RequestQuery.Instant(Request("at=" + text), "at")).Status);

    private static HttpRequest Request(string query)
    {
        var request = new DefaultHttpContext().Request;
        request.QueryString = new QueryString("?" + query);
        return request;
    }
}
