using System.Net;
using System.Text.Json.Nodes;
using Granary.Storage.Sqlite;

namespace Granary.Tests.Integration;

/// <summary>Readers of pages beside writers and clearings: nothing is skipped, nothing comes twice.</summary>
public sealed class ClearingTests : IAsyncDisposable
{
    private const string Path = "/api/streams/things/1";

    private static readonly StreamName Stream = new("things", "1");

    private readonly TempFolder _data = new();
    private SqliteEventStore? _sqlite;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reader_that_names_its_last_event_is_refused_after_a_clearing(bool isSilo)
    {
        await using var host = await GatewayHost.StartAsync(isSilo: isSilo);
        (await host.Api.PostAsync(Path, Events.Numbered(10))).Is(HttpStatusCode.Created);
        Assert.Equal([6, 7, 8], await NumbersAsync(host, "/events?limit=3&after=5-5"));
        Assert.Equal([4, 3], await NumbersAsync(host, "/events?limit=2&before=5-5"));
        Assert.Equal([], await NumbersAsync(host, "/events?after=10-10"));
        Assert.Equal([], await NumbersAsync(host, "/events?before=1-1"));

        await ClearAsync(host);
        foreach (var count in new[] { 2, 10 })
        {
            (await host.Api.PostAsync(Path, Events.Numbered(count, from: 101))).Is(HttpStatusCode.Created);
            foreach (var range in new[] { "after=5-5", "before=5-5", "after=10-10", "before=9223372036854775807-5" })
            {
                var problem = (await host.Api.GetAsync($"{Path}/events?{range}"))
                    .IsProblem(HttpStatusCode.PreconditionFailed);
                Assert.Equal("stream-cleared", problem["code"]!.GetValue<string>());
            }
        }
    }

    [Theory]
    [InlineData("after=5-")]
    [InlineData("after=-5")]
    [InlineData("after=0-0")]
    [InlineData("after=5-05")]
    [InlineData("before=5-5&direction=forward")]
    public async Task A_place_in_a_stream_that_is_none_is_400(string query)
    {
        await using var host = await GatewayHost.StartAsync();
        (await host.Api.PostAsync(Path, Events.Numbered(10))).Is(HttpStatusCode.Created);
        (await host.Api.GetAsync($"{Path}/events?{query}")).IsProblem(HttpStatusCode.BadRequest);
    }

    // A page of SQLite is read in several transactions, so a clearing comes between them too.
    [Fact]
    public async Task Pages_beside_appends_and_clearings_skip_and_repeat_nothing()
    {
        _sqlite = new SqliteEventStore(new SqliteStoreOptions { Path = System.IO.Path.Combine(_data.Path, "a.db") });
        await using var host = await GatewayHost.StartAsync(store: _sqlite);
        var isWritten = false;
        var writing = Task.Run(
            async () =>
            {
                for (var generation = 1; generation <= 12; generation++)
                {
                    for (var append = 0; append < 6; append++)
                    {
                        var events = new JsonArray([.. Enumerable.Range(0, 60).Select(
                            _ => Events.One("one", new JsonObject { ["generation"] = generation }))]);
                        (await host.Api.PostAsync(Path, events)).Is(HttpStatusCode.Created);
                    }

                    if (generation < 12) await ClearAsync(host);
                }

                Volatile.Write(ref isWritten, true);
            },
            Token);
        var log = FollowLogAsync(host, () => Volatile.Read(ref isWritten));
        var stream = FollowStreamAsync(host, () => Volatile.Read(ref isWritten));
        await writing;

        const int Written = (12 * 360) + 11;
        Assert.Equal(Enumerable.Range(1, Written).Select(static position => (long)position), await log);
        Assert.Equal(360, await stream);
    }

    public async ValueTask DisposeAsync()
    {
        if (_sqlite is not null) await _sqlite.DisposeAsync();
        _data.Dispose();
    }

    private static async Task<List<long>> FollowLogAsync(GatewayHost host, Func<bool> isWritten)
    {
        var positions = new List<long>();
        for (var next = 0L; ;)
        {
            var isLast = isWritten();
            var page = (await host.Api.GetAsync($"/api/log?limit=97&after={next}")).Is(HttpStatusCode.OK).Json;
            var events = page["events"]!.AsArray();
            positions.AddRange(events.Select(static one => one!["position"]!.GetValue<long>()));
            next = page["next"]!.GetValue<long>();
            Assert.Equal(positions.LastOrDefault(), next);
            if (isLast && events.Count == 0) return positions;
        }
    }

    // From the start again whenever the stream was cleared; gives how many events the last generation has.
    private static async Task<int> FollowStreamAsync(GatewayHost host, Func<bool> isWritten)
    {
        var (cursor, version, generation) = ("0", 0L, 0);
        while (true)
        {
            var isLast = isWritten();
            var answer = await host.Api.GetAsync($"{Path}/events?limit=301&after={cursor}");
            if (answer.Status is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotFound)
            {
                (cursor, version, generation) = ("0", 0, 0);
                continue;
            }

            var events = answer.Is(HttpStatusCode.OK).Json["events"]!.AsArray();
            foreach (var one in events)
            {
                Assert.Equal(++version, one!["version"]!.GetValue<long>());
                var its = one["data"]!["generation"]!.GetValue<int>();
                Assert.Equal(generation == 0 ? its : generation, its);
                (cursor, generation) = ($"{version}-{one["position"]}", its);
            }

            if (isLast && events.Count == 0) return (int)version;
        }
    }

    private static async Task<IEnumerable<int>> NumbersAsync(GatewayHost host, string query) =>
        (await host.Api.GetAsync(Path + query)).Is(HttpStatusCode.OK).Json["events"]!.AsArray()
            .Select(static one => one!["data"]!["n"]!.GetValue<int>());

    private static async Task ClearAsync(GatewayHost host)
    {
        var head = await host.Store.ReadHeadAsync(Stream, Token);
        var clearing = Append.Clear(
            Stream, ExpectedVersion.Exactly(head.Version), AppendId.New(TimeProvider.System));
        var result = await host.Store.CommitAsync(clearing, TimeProvider.System.GetUtcNow(), Token);
        Assert.Equal(AppendOutcome.Appended, result.Outcome);
    }
}
