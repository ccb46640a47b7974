using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Integration;

/// <summary>Pages are sent as they are read, so many at once, and nothing else waits for them.</summary>
public sealed class StreamedReadTests
{
    private const string Path = "/api/streams/things/1";

    private readonly HeldStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Path + "/events")]
    [InlineData("/api/log")]
    public async Task A_page_begins_before_it_has_been_read_to_its_end(string path)
    {
        await using var host = await GatewayHost.StartAsync(store: _store);
        var large = Events.One("large", new string('x', 200_000));
        (await host.Api.PostAsync(Path, new JsonArray(large, Events.One("last")))).Is(HttpStatusCode.Created);
        _store.HoldBefore(2);

        using var http = new HttpClient { BaseAddress = host.Url };
        using var response = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        var begun = new byte[100_000];
        await body.ReadExactlyAsync(begun, Token);
        await _store.HeldAsync(1);
        _store.Release();
        using var reader = new StreamReader(body);
        var page = JsonNode.Parse(Encoding.UTF8.GetString(begun) + await reader.ReadToEndAsync(Token))!;
        Assert.Equal(
            ["large", "last"], page["events"]!.AsArray().Select(static one => one!["type"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData(Path + "/events", true)]
    [InlineData(Path + "/events", false)]
    [InlineData("/api/log", true)]
    [InlineData("/api/log", false)]
    public async Task Too_many_reads_are_503_while_heads_appends_and_readiness_go_on(string path, bool isSilo)
    {
        await using var host = await GatewayHost.StartAsync(
            store: _store, isSilo: isSilo, configure: static services => services.Configure<GranaryGatewayOptions>(
                static options => (options.ReadsMax, options.ReadsQueuedMax) = (3, 0)));
        (await host.Api.PostAsync(Path, Events.Numbered(3))).Is(HttpStatusCode.Created);
        _store.HoldBefore(2);
        var held = Enumerable.Range(0, 3).Select(_ => host.Api.GetAsync(path)).ToArray();
        await _store.HeldAsync(3);

        var refused = await host.Api.GetAsync(path);
        var problem = refused.IsProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("too-many-reads", problem["code"]!.GetValue<string>());
        Assert.True(int.Parse(refused.Headers["Retry-After"], CultureInfo.InvariantCulture) > 0);
        (await host.Api.GetAsync(Path)).Is(HttpStatusCode.OK);
        (await host.Api.GetAsync("/health/ready")).Is(HttpStatusCode.OK);
        (await host.Api.PostAsync(Path, Events.Numbered(1))).Is(HttpStatusCode.Created);

        _store.Release();
        foreach (var one in await Task.WhenAll(held)) one.Is(HttpStatusCode.OK);
        (await host.Api.GetAsync(path)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_reader_that_disconnects_frees_its_slot()
    {
        await using var host = await GatewayHost.StartAsync(
            store: _store, configure: static services => services.Configure<GranaryGatewayOptions>(
                static options => (options.ReadsMax, options.ReadsQueuedMax) = (1, 1)));
        (await host.Api.PostAsync(Path, Events.Numbered(3))).Is(HttpStatusCode.Created);
        _store.HoldBefore(2);
        using var http = new HttpClient { BaseAddress = host.Url };
        using var leaving = new CancellationTokenSource();
        var held = http.GetAsync(Path + "/events", leaving.Token);
        await _store.HeldAsync(1);
        _store.HoldBefore(int.MaxValue);
        var waiting = host.Api.GetAsync(Path + "/events");
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);

        (await waiting).Is(HttpStatusCode.OK);
    }

    // What a silo reads for a client goes on when the client is gone, and counts until it ends.
    [Theory]
    [InlineData(Path + "/events")]
    [InlineData("/api/log")]
    public async Task A_read_that_goes_on_without_its_reader_is_counted(string path)
    {
        var (isGone, hasEnded) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var host = await GatewayHost.StartAsync(
            app =>
            {
                app.Use(async (context, next) =>
                {
                    if (context.Request.Headers.ContainsKey("Leaves"))
                        context.RequestAborted.Register(isGone.SetResult);
                    try
                    {
                        await next(context);
                    }
                    finally
                    {
                        if (context.Request.Headers.ContainsKey("Leaves")) hasEnded.SetResult();
                    }
                });
                app.MapGranary();
            },
            store: _store, isSilo: false, configure: static services => services.Configure<GranaryGatewayOptions>(
                static options => (options.ReadsMax, options.ReadsQueuedMax) = (1, 0)));
        (await host.Api.PostAsync(Path, Events.Numbered(3))).Is(HttpStatusCode.Created);
        _store.HoldBefore(2);
        using var http = new HttpClient { BaseAddress = host.Url };
        http.DefaultRequestHeaders.Add("Leaves", "yes");
        using var leaving = new CancellationTokenSource();
        var held = http.GetAsync(path, leaving.Token);
        await _store.HeldAsync(1);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        await isGone.Task.WaitAsync(Token);

        // So many calls are answered meanwhile that the read would have ended, if it could.
        for (var call = 0; call < 20; call++) (await host.Api.GetAsync(Path)).Is(HttpStatusCode.OK);
        Assert.False(hasEnded.Task.IsCompleted);
        (await host.Api.GetAsync(path)).IsProblem(HttpStatusCode.ServiceUnavailable);
        _store.Release();
        await hasEnded.Task.WaitAsync(Token);
        (await host.Api.GetAsync(path)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Where_reading_fails_the_page_ends_and_the_next_one_reports_it()
    {
        await using var host = await GatewayHost.StartAsync(store: _store);
        (await host.Api.PostAsync(Path, Events.Numbered(5))).Is(HttpStatusCode.Created);
        _store.FailBefore(4);
        var page = (await host.Api.GetAsync(Path + "/events")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(3, page["events"]!.AsArray().Count);
        Assert.Equal((3, true), (page["next"]!.GetValue<long>(), page["more"]!.GetValue<bool>()));
        _store.FailBefore(1);
        (await host.Api.GetAsync(Path + "/events?after=3")).IsProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Contains(host.Log, static line => line.Contains(Path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pages_are_the_same_in_a_silo_and_in_a_client(bool isSilo)
    {
        await using var host = await GatewayHost.StartAsync(store: _store, isSilo: isSilo);
        (await host.Api.PostAsync(Path, Events.Numbered(700))).Is(HttpStatusCode.Created);
        var expected = Enumerable.Range(1, 700).ToArray();
        foreach (var (query, more, numbers) in new[]
        {
            ("?limit=1000", false, expected), ("?limit=700", false, expected), ("?limit=699", true, expected[..699]),
            ("?limit=100&after=600", false, expected[600..]),
            ("?direction=backward&limit=1000", false, Reversed(expected)),
            ("?before=601&limit=599", true, Reversed(expected[1..600])), ("?before=2", false, [1]),
        })
        {
            var page = (await host.Api.GetAsync(Path + "/events" + query)).Is(HttpStatusCode.OK).Json;
            Assert.Equal(numbers, page["events"]!.AsArray().Select(static one => one!["data"]!["n"]!.GetValue<int>()));
            Assert.Equal((query, more), (query, page["more"]!.GetValue<bool>()));
        }

        var log = (await host.Api.GetAsync("/api/log?limit=1000")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(700, log["events"]!.AsArray().Count);
        Assert.Equal((700, false), (log["next"]!.GetValue<long>(), log["more"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task A_state_that_grows_over_its_limit_is_refused_and_the_stream_continues()
    {
        await using var host = await GatewayHost.StartAsync(store: _store);
        for (var number = 0; number < 8; number++)
            (await host.Api.PostAsync(Path, Part(number))).Is(HttpStatusCode.Created);
        var problem = (await host.Api.PostAsync(Path, Part(8))).IsProblem(HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal(GranaryLimits.StateSizeMax, problem["allowed"]!.GetValue<long>());

        // What replaces content leaves space.
        (await host.Api.PostAsync(Path, Events.One("part", new JsonObject { ["p0"] = null })))
            .Is(HttpStatusCode.Created);
        (await host.Api.PostAsync(Path, Part(8))).Is(HttpStatusCode.Created);
        var state = (await host.Api.GetAsync(Path + "/state")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(10, state["version"]!.GetValue<long>());
        Assert.Equal(
            Enumerable.Range(1, 8).Select(static n => $"p{n}"),
            state["state"]!.AsObject().Select(static one => one.Key));
    }

    private static int[] Reversed(int[] numbers) => [.. numbers.Reverse()];

    private static JsonObject Part(int number) =>
        Events.One("part", new JsonObject { [$"p{number}"] = new string('x', 1_020_000) });
}
