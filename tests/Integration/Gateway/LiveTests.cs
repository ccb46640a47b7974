using System.Globalization;
using System.Net;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Tests.Integration;

/// <summary>
/// Live readers over a socket, of a gateway with the store in its process and of one without: each event once, in
/// order, however often the connection is lost.
/// </summary>
public sealed class LiveTests
{
    private const string Path = "/api/streams/things/1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reader_of_the_log_that_is_cut_off_again_and_again_gets_each_event_once(bool isSilo)
    {
        const int events = 600;
        var random = new Random(Randomness.Seed("live readers"));
        await using var host = await GatewayHost.StartAsync(store: new MemoryEventStore(4), isSilo: isSilo);
        var writing = Task.Run(() => WriteAsync(host.Api, events), Token);
        var seen = new Dictionary<long, long>();
        string? lastId = null;
        for (var count = 0; count < events;)
        {
            using var reader = await LiveReader.ConnectAsync(host.Url, "/api/log/live", lastId);
            for (var left = random.Next(40); left > 0 && count < events; left--, count++)
            {
                var next = await reader.EventAsync();
                var partition = next["partition"]!.GetValue<long>();
                seen[partition] = seen.GetValueOrDefault(partition) + 1;
                Assert.Equal(seen[partition], next["position"]!.GetValue<long>());
            }

            lastId = reader.LastId.Length == 0 ? null : reader.LastId;
        }

        await writing;
        Assert.Equal((4, events), (seen.Count, (int)seen.Values.Sum()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reader_of_a_stream_that_is_cut_off_again_and_again_gets_each_event_once(bool isSilo)
    {
        const int events = 300;
        var random = new Random(Randomness.Seed("live readers"));
        await using var host = await GatewayHost.StartAsync(store: new MemoryEventStore(4), isSilo: isSilo);
        var writing = Task.Run(
            async () =>
            {
                for (var number = 1; number <= events; number++)
                {
                    await host.Api.PostAsync(Path, Events.Numbered(1, number));
                    await host.Api.PostAsync($"/api/streams/others/{number % 8}", Events.Numbered(2));
                }
            },
            Token);
        string? lastId = null;
        for (var count = 0; count < events;)
        {
            using var reader = await LiveReader.ConnectAsync(host.Url, Path + "/live", lastId);
            for (var left = random.Next(20); left > 0 && count < events; left--)
            {
                var next = await reader.EventAsync();
                Assert.Equal("things/1", next["stream"]!.GetValue<string>());
                Assert.Equal(++count, next["version"]!.GetValue<int>());
            }

            lastId = reader.LastId.Length == 0 ? null : reader.LastId;
        }

        await writing;
    }

    [Theory]
    [InlineData("/api/log/live?from=end")]
    [InlineData(Path + "/live?from=end")]
    public async Task A_reader_that_is_cut_off_before_its_first_event_misses_none(string path)
    {
        await using var host = await GatewayHost.StartAsync();
        foreach (var before in new[] { 0, 3 })
        {
            if (before > 0) await host.Api.PostAsync(Path, Events.Numbered(before));
            string id;
            using (var reader = await LiveReader.ConnectAsync(host.Url, path))
            {
                await reader.OpenedAsync();
                id = reader.LastId;
            }

            await host.Api.PostAsync(Path, Events.Numbered(1, before + 1));
            using var again = await LiveReader.ConnectAsync(host.Url, path, id);
            Assert.Equal(before + 1, (await again.EventAsync())["data"]!["n"]!.GetValue<int>());
            await host.Api.SendAsync(HttpMethod.Delete, Path, null, ("If-Match", "*"));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reader_of_a_stream_learns_that_it_was_cleared_also_where_it_was_away(bool isSilo)
    {
        await using var host = await GatewayHost.StartAsync(isSilo: isSilo);
        (await host.Api.PostAsync(Path, Events.Numbered(3))).Is(HttpStatusCode.Created);
        string id;
        using (var reader = await LiveReader.ConnectAsync(host.Url, Path + "/live"))
        {
            for (var version = 1; version <= 2; version++) await reader.EventAsync();
            id = reader.LastId;
        }

        Assert.Equal("2-2", id);
        (await host.Api.SendAsync(HttpMethod.Delete, Path, null, ("If-Match", "*"))).Is(HttpStatusCode.NoContent);
        (await host.Api.PostAsync(Path, Events.Numbered(5))).Is(HttpStatusCode.Created);
        (await host.Api.SendAsync(HttpMethod.Delete, Path + "/events?before=3", null)).Is(HttpStatusCode.OK);
        using var again = await LiveReader.ConnectAsync(host.Url, Path + "/live", id);
        var seen = new List<string>();
        for (var number = 0; number < 7; number++)
        {
            var next = await again.EventAsync();
            seen.Add($"{next["version"]} {next["type"]}");
        }

        Assert.Equal(
            ["3 granary.tombstone", "0 granary.stream-cleared", "1 granary.tombstone", "2 granary.tombstone",
                "3 numbered", "4 numbered", "5 numbered"], seen);
        using var now = await LiveReader.ConnectAsync(host.Url, Path + "/live");
        Assert.Equal(3, (await now.EventAsync())["version"]!.GetValue<int>());
        using var after = await LiveReader.ConnectAsync(host.Url, Path + "/live?after=4");
        Assert.Equal(5, (await after.EventAsync())["version"]!.GetValue<int>());
        (await host.Api.GetAsync(Path + "/live?after=6")).IsProblem(HttpStatusCode.NotFound);
        (await host.Api.GetAsync(Path + "/live?after=1")).IsProblem(HttpStatusCode.Gone);
    }

    [Theory]
    [InlineData("?category=a", "a/1 x,a/1 y,a/2 x,a/2 y")]
    [InlineData("?category=a&category=b&type=x", "a/1 x,a/2 x,b/1 x")]
    [InlineData("?stream=a/2&stream=b%2F1", "a/2 x,a/2 y,b/1 x,b/1 y")]
    [InlineData("?stream=a/2&category=b", "")]
    [InlineData("?stream=a/2&type=y&type=z", "a/2 y")]
    [InlineData("?partition=0", "a/1 x,a/1 y,a/2 x,a/2 y,b/1 x,b/1 y")]
    [InlineData("?partition=0&after=4", "b/1 x,b/1 y")]
    [InlineData("?after=0:5", "b/1 y")]
    public async Task Readers_of_the_log_are_sent_what_they_ask_for(string query, string expected)
    {
        await using var host = await GatewayHost.StartAsync();
        foreach (var stream in new[] { "a/1", "a/2", "b/1" })
        {
            foreach (var type in new[] { "x", "y" })
                (await host.Api.PostAsync($"/api/streams/{stream}", Events.One(type))).Is(HttpStatusCode.Created);
        }

        using var reader = await LiveReader.ConnectAsync(host.Url, "/api/log/live" + query);
        var seen = new List<string>();
        foreach (var _ in expected.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = await reader.EventAsync();
            seen.Add($"{next["stream"]} {next["type"]}");
        }

        Assert.Equal(expected, string.Join(',', seen));
    }

    [Fact]
    public async Task A_filtered_reader_resumes_after_what_was_left_out()
    {
        await using var host = await GatewayHost.StartAsync(
            configure: static services => services.Configure<GranaryGatewayOptions>(
                static options => options.LiveHeartbeatMs = 100));
        using var reader = await LiveReader.ConnectAsync(host.Url, "/api/log/live?type=none");
        await reader.OpenedAsync();
        Assert.Equal("0:0", reader.LastId);
        (await host.Api.PostAsync(Path, Events.Numbered(7))).Is(HttpStatusCode.Created);
        while (reader.LastId != "0:7") await reader.OpenedAsync();
    }

    [Fact]
    public async Task More_readers_than_may_be_are_sent_away_until_one_leaves()
    {
        await using var host = await GatewayHost.StartAsync(
            configure: static services => services.Configure<GranaryGatewayOptions>(
                static options => options.LiveReadersMax = 1));
        using (var reader = await LiveReader.ConnectAsync(host.Url, "/api/log/live"))
        {
            await reader.OpenedAsync();
            var refused = await host.Api.GetAsync(Path + "/live");
            var problem = refused.IsProblem(HttpStatusCode.ServiceUnavailable);
            Assert.Equal("too-many-live-readers", problem["code"]!.GetValue<string>());
            Assert.Equal("1", refused.Headers["Retry-After"]);
            (await host.Api.SendAsync(HttpMethod.Head, "/api/log/live", null)).Is(HttpStatusCode.OK);
            (await host.Api.GetAsync("/api/log/live?after=0:99")).IsProblem(HttpStatusCode.Conflict);
        }

        // The server notices that the reader has left when it does.
        while (true)
        {
            using var http = new HttpClient();
            using var response = await http.GetAsync(
                new Uri(host.Url, "/api/log/live"), HttpCompletionOption.ResponseHeadersRead, Token);
            if (response.IsSuccessStatusCode) break;
        }
    }

    [Theory]
    [InlineData("/api/log/live", "x", 400)]
    [InlineData("/api/log/live", "1:0", 404)]
    [InlineData("/api/log/live", "0:1", 409)]
    [InlineData("/api/log/live?partition=7", "", 404)]
    [InlineData(Path + "/live", "0:1", 400)]
    [InlineData(Path + "/live", "1-1", 409)]
    public async Task What_cannot_be_resumed_is_refused_so_that_a_browser_stops(string path, string lastId, int status)
    {
        await using var host = await GatewayHost.StartAsync();
        (await host.Api.GetAsync(path, ("Last-Event-ID", lastId))).IsProblem((HttpStatusCode)status);
    }

    [Fact]
    public async Task The_stop_of_the_server_ends_readers_with_the_position_from_which_to_resume()
    {
        await using var host = await GatewayHost.StartAsync();
        using var reader = await LiveReader.ConnectAsync(host.Url, "/api/log/live");
        (await host.Api.PostAsync(Path, Events.Numbered(1))).Is(HttpStatusCode.Created);
        await reader.EventAsync();
        var stopping = host.StopAsync();
        var (name, data) = (await reader.NextAsync())!.Value;
        Assert.Equal(
            ("granary.end", "stopping", "0:1"),
            (name, data["reason"]!.GetValue<string>(), data["resume"]!.GetValue<string>()));
        Assert.Null(await reader.NextAsync());
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    private static async Task WriteAsync(Api api, int events)
    {
        for (var number = 0; number < events; number++)
        {
            var key = (number % 16).ToString(CultureInfo.InvariantCulture);
            await api.PostAsync(Api.Stream("things", key), Events.Numbered(1, number));
        }
    }
}
