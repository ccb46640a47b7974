using System.Net;

namespace Granary.Tests.Integration;

/// <summary>
/// A web page can make a browser on this machine send requests to loopback under the page's own host name (DNS
/// rebinding). So the Host header is checked.
/// </summary>
[Collection(SharedSilo.Name)]
public sealed class HostFilterTests(SiloFixture fixture)
{
    private Uri Silo => fixture.Silo.Url;

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:{port}")]
    [InlineData("localhost.evil.example:{port}")]
    [InlineData("evil-localhost:{port}")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("10.0.0.7:{port}")]
    [InlineData("")]
    public async Task A_request_for_another_host_is_refused_and_changes_nothing(string host)
    {
        var path = Api.Stream("hosts", Events.NewKey());
        foreach (var request in new[] { $"POST {path}", "GET /api/log", "GET /metrics", "GET /health/live" })
        {
            var answer = await SendAsync(request, host);
            var problem = answer.IsProblem(HttpStatusCode.BadRequest);
            Assert.Contains("AllowedHosts", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.Equal("host-not-allowed", problem["code"]!.GetValue<string>());
        }

        (await fixture.Api.GetAsync(path)).Is(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("127.0.0.1:{port}")]
    [InlineData("localhost:{port}")]
    [InlineData("LOCALHOST")]
    [InlineData("[::1]:{port}")]
    public async Task Every_name_of_loopback_is_answered(string host) =>
        (await SendAsync("GET /health/live", host)).Is(HttpStatusCode.OK);

    [Fact]
    public async Task A_target_in_absolute_form_cannot_pass_another_host()
    {
        (await SendAsync("GET http://evil.example/api/log", "evil.example")).IsProblem(HttpStatusCode.BadRequest);
        (await SendAsync("GET http://evil.example/api/log", "localhost")).IsProblem(HttpStatusCode.BadRequest);
        (await SendAsync("GET http://localhost/health/live", "localhost")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_request_without_a_host_is_refused() =>
        (await RawRequest.ExchangeAsync(Silo, "GET /api/log HTTP/1.0\r\n\r\n")).IsProblem(HttpStatusCode.BadRequest);

    [Theory]
    [InlineData("granary.example;*.internal", "granary.example", "evil.example")]
    [InlineData("granary.example;*.internal", "a.internal", "internal")]
    [InlineData("granary.example", "localhost", "granary.example.evil")]
    public async Task Further_hosts_are_configured(string allowed, string host, string refused)
    {
        using var data = new TempFolder();
        await using var silo = await SiloProcess.StartAsync(data.Path, $"--AllowedHosts={allowed}");
        (await SendAsync(silo.Url, "GET /health/live", host)).Is(HttpStatusCode.OK);
        (await SendAsync(silo.Url, "GET /health/live", refused)).IsProblem(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_silo_that_listens_on_every_address_answers_for_its_machine_and_no_other_name()
    {
        using var data = new TempFolder();
        using var ports = FreePorts.Reserve(1);
        await using var silo = SiloProcess.Launch(data.Path, $"--Granary:Url=http://0.0.0.0:{ports[0]}");
        await silo.SaysAsync("/reference");
        var url = new Uri($"http://127.0.0.1:{ports[0]}");
        (await SendAsync(url, "GET /health/live", Dns.GetHostName())).Is(HttpStatusCode.OK);
        (await SendAsync(url, "GET /health/live", "localhost")).Is(HttpStatusCode.OK);
        (await SendAsync(url, "GET /health/live", "evil.example")).IsProblem(HttpStatusCode.BadRequest);
    }

    private Task<Answer> SendAsync(string request, string host) => SendAsync(Silo, request, host);

    private static Task<Answer> SendAsync(Uri silo, string request, string host)
    {
        const string Body = """{"type":"a"}""";
        var named = host.Replace("{port}", silo.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            StringComparison.Ordinal);
        var body = request.StartsWith("POST", StringComparison.Ordinal)
            ? $"Content-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"
            : "\r\n";
        return RawRequest.ExchangeAsync(silo, $"{request} HTTP/1.1\r\nHost: {named}\r\nConnection: close\r\n{body}");
    }
}
