using System.Net;

namespace Granary.Tests.Integration;

/// <summary>What the server refuses before any call is a problem document too.</summary>
[Collection(SharedSilo.Name)]
public sealed class KestrelAnswerTests(SiloFixture fixture)
{
    private const string Host = "Host: localhost\r\n";
    private const string Post = "POST /api/streams/broken/1 HTTP/1.1\r\nHost: localhost\r\n"
        + "Content-Type: application/json\r\n";

    public static TheoryData<string, int> Refused => new()
    {
        { "nonsense\r\n\r\n", 400 },
        { "GET  / HTTP/1.1\r\n\r\n", 400 },
        { "GET /\0 HTTP/1.1\r\n" + Host + "\r\n", 400 },
        { "GET / HTTP/1.1\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\n" + Host + Host + "\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\n" + Host + "broken\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\n" + Host + "a : b\r\n\r\n", 400 },
        { Post + "Content-Length: -1\r\n\r\n", 400 },
        { Post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400 },
        { Post + "Transfer-Encoding: gzip\r\n\r\n", 400 },
        { "CONNECT localhost:80 HTTP/1.1\r\n" + Host + "\r\n", 400 },
        { "GET localhost:80 HTTP/1.1\r\n" + Host + "\r\n", 405 },
        { "GET * HTTP/1.1\r\n" + Host + "\r\n", 405 },
        { "POST / HTTP/1.0\r\n" + Host + "\r\n", 400 },
        { "GET /" + new string('a', 20_000) + " HTTP/1.1\r\n" + Host + "\r\n", 414 },
        { "GET / HTTP/1.1\r\n" + Host + "a: " + new string('a', 40_000) + "\r\n\r\n", 431 },
        { "GET / HTTP/1.1\r\n" + Host + string.Concat(Enumerable.Repeat("a: b\r\n", 200)) + "\r\n", 431 },
        { "GET / HTTP/2.0\r\n" + Host + "\r\n", 505 },
        { "GET / HTTP/9.9\r\n" + Host + "\r\n", 505 },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task A_request_that_is_not_HTTP_is_answered_by_a_problem_document(string request, int status)
    {
        var problem = (await RawRequest.ExchangeAsync(fixture.Silo.Url, request)).IsProblem((HttpStatusCode)status);
        Assert.False(string.IsNullOrEmpty(problem["code"]?.GetValue<string>()), problem.ToJsonString());
    }

    [Theory]
    [InlineData("zz\r\n")]
    [InlineData("FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n")]
    [InlineData("2\r\n{}XY")]
    [InlineData("2\r\n{}\r\n-1\r\n")]
    public async Task A_body_with_broken_framing_is_400(string body) =>
        (await RawRequest.ExchangeAsync(fixture.Silo.Url, Post + "Transfer-Encoding: chunked\r\n\r\n" + body))
            .IsProblem(HttpStatusCode.BadRequest);

    // A client that closes its side of the connection counts as disconnected: an answer is not promised.
    [Theory]
    [InlineData("Content-Length: 100\r\n\r\n{\"type\":\"a\"}")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nc\r\n{\"type\":\"a\"}\r\n")]
    public async Task A_body_that_ends_early_changes_nothing(string rest)
    {
        var path = Api.Stream("early", Events.NewKey());
        await RawRequest.SendAndCloseAsync(
            fixture.Silo.Url,
            $"POST {path} HTTP/1.1\r\n{Host}Content-Type: application/json\r\n{rest}");
        (await fixture.Api.GetAsync(path)).Is(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_came_before_on_the_connection_is_answered_first()
    {
        var url = fixture.Silo.Url;
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            System.Text.Encoding.ASCII.GetBytes("GET /health/live HTTP/1.1\r\n" + Host + "\r\nnonsense\r\n\r\n"),
            TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 200 ", text, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 400 ", text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split("\r\nDate: ").Length - 1);
        Assert.EndsWith("}", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_to_a_HEAD_request_has_no_body()
    {
        var url = fixture.Silo.Url;
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            System.Text.Encoding.ASCII.GetBytes("HEAD / HTTP/1.1\r\n" + Host + Host + "\r\n"),
            TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 400 ", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HTTP_2_without_TLS_is_refused_in_its_own_terms()
    {
        var url = fixture.Silo.Url;
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            System.Text.Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            TestContext.Current.CancellationToken);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, TestContext.Current.CancellationToken);

        // A GOAWAY frame (type 7) of 8 bytes on stream 0 with the error HTTP_1_1_REQUIRED (13).
        byte[] goAway = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13];
        Assert.Equal(goAway, answer.ToArray()[^17..]);
    }
}
