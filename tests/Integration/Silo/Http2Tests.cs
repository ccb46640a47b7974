using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>HTTP/2 without TLS, on a port of its own.</summary>
public sealed class Http2Tests : IAsyncLifetime
{
    private readonly TempFolder _data = new();
    private readonly FreePorts _ports = FreePorts.Reserve(1);
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private SiloProcess? _silo;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SiloProcess Silo => _silo!;

    private Uri Http2Url => new($"http://127.0.0.1:{_ports[0]}");

    public async ValueTask InitializeAsync() =>
        _silo = await SiloProcess.StartAsync(_data.Path, $"--Granary:Http:Http2Port={_ports[0]}");

    [Fact]
    public async Task It_appends_and_reads_as_over_http1()
    {
        using var appended = await SendAsync(Append("/api/streams/orders/1", """{"type":"placed","data":{"n":1}}"""));
        Assert.Equal((HttpStatusCode.Created, HttpVersion.Version20), (appended.StatusCode, appended.Version));
        var answer = JsonNode.Parse(await appended.Content.ReadAsStringAsync(Token))!;
        Assert.Equal(1, (long)answer["version"]!);
        Assert.NotNull(appended.Headers.ETag);

        using var state = await SendAsync(
            new HttpRequestMessage(HttpMethod.Get, new Uri(Http2Url, "/api/streams/orders/1/state")));
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (state.StatusCode, state.Version));
        var over1 = (await Silo.Api.GetAsync("/api/streams/orders/1/state")).Is(HttpStatusCode.OK);
        Assert.Equal(over1.Text, await state.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Names_in_the_path_are_read_as_they_are_sent()
    {
        using var appended = await SendAsync(Append("/api/streams/orders/a%2Fb%20%25", """{"type":"placed"}"""));
        var answer = JsonNode.Parse(await appended.Content.ReadAsStringAsync(Token))!;
        Assert.Equal("orders/a/b %", (string)answer["stream"]!);
    }

    [Fact]
    public async Task Many_requests_at_once_are_answered_over_one_connection()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(
            at => SendAsync(Append($"/api/streams/many/{at}", """{"type":"placed"}"""))));
        Assert.All(answers, static one => Assert.Equal(HttpStatusCode.Created, one.StatusCode));
        foreach (var one in answers) one.Dispose();
    }

    [Fact]
    public async Task Another_host_is_refused()
    {
        var request = Append("/api/streams/orders/1", """{"type":"placed"}""");
        request.Headers.Host = "evil.example";
        using var refused = await SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("host-not-allowed", await refused.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Another_origin_may_not_send_what_a_form_can()
    {
        var request = Append("/api/streams/orders/1", "a=b");
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        request.Headers.Add("Origin", "http://evil.example");
        using var refused = await SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_413()
    {
        using var refused = await SendAsync(Append("/api/streams/orders/1", new string(' ', (8 * 1024 * 1024) + 1)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task Lines_are_answered_while_they_are_sent()
    {
        var request = Append("/api/appends", """{"id":"a","stream":"orders/9","events":[{"type":"placed"}]}""");
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using var answered = await SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        Assert.Contains("\"status\":201", await answered.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task The_port_of_http1_does_not_speak_it()
    {
        var request = Append("/api/streams/orders/1", """{"type":"placed"}""");
        request.RequestUri = new Uri(Silo.Url, "/api/streams/orders/1");
        await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(request));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Silo.DisposeAsync();
        _ports.Dispose();
        _data.Dispose();
    }

    private HttpRequestMessage Append(string path, string body) => new(HttpMethod.Post, new Uri(Http2Url, path))
    {
        Content = new StringContent(body, new MediaTypeHeaderValue("application/json")),
    };

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            return await _client.SendAsync(request, Token);
        }
    }
}
