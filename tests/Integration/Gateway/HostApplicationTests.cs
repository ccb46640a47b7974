using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Granary.Tests.Integration;

/// <summary>The gateway beside routes of an application's own: it changes nothing about them.</summary>
public sealed class HostApplicationTests
{
    private readonly string _key = Events.NewKey();

    [Theory]
    [InlineData("/mine/api/streams/one/two", "/mine/api/streams/one/two one two")]
    [InlineData("/mine/api/streams/one/a%2Fb", "/mine/api/streams/one/a%2Fb one a%2Fb")]
    [InlineData("/api/streams/live/now/detail", "/api/streams/live/now/detail live now")]
    [InlineData("/api/accounts/me", "/api/accounts/me own")]
    [InlineData("/api/streams/things/all", "/api/streams/things/all own")]
    public async Task A_route_of_the_applications_own_gets_its_path_as_it_was_sent(string path, string seen)
    {
        await using var host = await GatewayHost.StartAsync(static app =>
        {
            app.MapGet("/mine/api/streams/{a}/{b}", static (HttpContext context, string a, string b) =>
                $"{context.Request.Path.Value} {a} {b}");
            app.MapGet("/api/streams/{a}/{b}/detail", static (HttpContext context, string a, string b) =>
                $"{context.Request.Path.Value} {a} {b}");
            app.MapGet("/api/accounts/me", static (HttpContext context) => $"{context.Request.Path.Value} own");
            app.MapGet("/api/streams/things/all", static (HttpContext context) => $"{context.Request.Path.Value} own");
            app.MapGranary();
        });

        Assert.Equal(seen, (await host.Api.GetAsync(path)).Is(HttpStatusCode.OK).Text);
    }

    [Fact]
    public async Task The_applications_middleware_gets_the_path_of_the_gateways_calls_as_it_was_sent()
    {
        var seen = new List<string>();
        await using var host = await GatewayHost.StartAsync(app =>
        {
            app.Use((context, next) =>
            {
                seen.Add(context.Request.Path.Value!);
                return next(context);
            });
            app.MapGranary();
        });

        (await host.Api.PostAsync("/api/streams/things/a%2Fb", Events.Numbered(1))).Is(HttpStatusCode.Created);
        Assert.Equal(["/api/streams/things/a%2Fb"], seen);
    }

    [Theory]
    [InlineData("/base", "")]
    [InlineData("", "/group")]
    [InlineData("/base", "/group/{tenant}")]
    public async Task The_gateway_may_have_a_path_base_and_a_group(string pathBase, string group)
    {
        await using var host = await GatewayHost.StartAsync(app =>
        {
            if (pathBase.Length > 0) app.UsePathBase(pathBase);
            app.UseRouting();
            app.MapGroup(group).MapGranary();
        });

        var prefix = pathBase + group.Replace("{tenant}", "api", StringComparison.Ordinal);
        foreach (var (sent, key) in new[] { ("plain", "plain"), ("a%2Fb%252F", "a/b%2F"), ("api", "api") })
        {
            var answer = await host.Api.PostAsync($"{prefix}/api/streams/things/{sent}", Events.Numbered(1));
            Assert.Equal($"things/{key}", answer.Is(HttpStatusCode.Created).Json["stream"]!.GetValue<string>());
            (await host.Api.GetAsync($"{prefix}/api/streams/things/{sent}/events")).Is(HttpStatusCode.OK);
        }
    }

    [Theory]
    [InlineData("/%61pi/streams/things/")]
    [InlineData("/api/%73treams/things/")]
    [InlineData("/API/Streams/things/")]
    [InlineData("http://{host}/api/streams/things/")]
    [InlineData("http://{host}/%61pi/streams/things/")]
    public async Task A_target_in_another_form_is_the_same_call(string prefix)
    {
        await using var host = await GatewayHost.StartAsync();
        foreach (var (sent, key) in new[] { (_key, _key), ($"{_key}%2Fx", $"{_key}/x"), ($"{_key}?", _key) })
        {
            var (status, text) = await RawRequest.SendAsync(
                host.Url, "POST", prefix.Replace("{host}", host.Url.Authority, StringComparison.Ordinal) + sent,
                body: """{"type":"made","data":{"k":1}}""");
            Assert.True(status == 201, text);
            Assert.Contains($"\"stream\":\"things/{key}\"", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/api/streams/things/one/.")]
    [InlineData("/api/streams/things/one/two/..")]
    [InlineData("/api/streams/things/one/%2e%2e/one")]
    public async Task A_target_that_the_server_shortens_to_another_stream_is_refused(string target)
    {
        await using var host = await GatewayHost.StartAsync();
        (await host.Api.PostAsync("/api/streams/things/one", Events.Numbered(1))).Is(HttpStatusCode.Created);
        var (status, text) = await RawRequest.SendAsync(host.Url, "GET", target);
        Assert.True(status == 400, text);
    }

    [Theory]
    [InlineData("..", "..")]
    [InlineData(".", ".")]
    [InlineData("%2E%2e", "..")]
    public async Task A_key_of_dots_is_a_key(string sent, string key)
    {
        await using var host = await GatewayHost.StartAsync();
        var (status, text) = await RawRequest.SendAsync(
            host.Url, "POST", $"/api/streams/things/{sent}", body: """{"type":"made","data":{"k":1}}""");
        Assert.True(status == 201, text);
        Assert.Contains($"\"stream\":\"things/{key}\"", text, StringComparison.Ordinal);
        (status, text) = await RawRequest.SendAsync(host.Url, "GET", $"/api/streams/things/{sent}/events");
        Assert.True(status == 200 && text.Contains("\"made\"", StringComparison.Ordinal), text);
    }

    [Fact]
    public async Task A_failure_is_logged_with_the_path_of_its_stream()
    {
        await using var host = await GatewayHost.StartAsync(store: new UnreadableStore());
        (await host.Api.GetAsync("/api/streams/things/a%2Fb")).IsProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Contains(host.Log, static line =>
            line.Contains("/api/streams/things/a%2Fb", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Problem_documents_of_the_application_are_its_own()
    {
        await using var host = await GatewayHost.StartAsync(static app =>
        {
            app.UseStatusCodePages();
            app.MapGranary();
        });
        var problem = (await host.Api.GetAsync("/nothing")).Is(HttpStatusCode.NotFound).Text;
        Assert.DoesNotContain("/reference", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/health/ready")]
    [InlineData("/health/live")]
    [InlineData("/api/log")]
    [InlineData("/api/log/live")]
    [InlineData("/api/streams/things/1/live")]
    public async Task What_is_read_only_takes_no_other_method(string path)
    {
        await using var host = await GatewayHost.StartAsync();
        foreach (var method in new[] { HttpMethod.Delete, HttpMethod.Put, HttpMethod.Post, HttpMethod.Patch })
            (await host.Api.SendAsync(method, path, null)).Is(HttpStatusCode.MethodNotAllowed);
    }

    private sealed class UnreadableStore : IEventStore
    {
        public int PartitionCount => 1;

        public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult(new StoreDescription(Uuid7.New(TimeProvider.System), 1, StoreLimits.Largest));

        public ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken) => throw Away();

        public ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
            throw Away();

        public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
            StreamName stream, StreamVersion after, CancellationToken cancellationToken) => throw Away();

        public ValueTask<LogPage> ReadLogAsync(
            LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken) =>
            throw Away();

        public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken) =>
            throw Away();

        public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) => throw Away();

        private static StoreUnavailableException Away() => new("It is away.");
    }
}
