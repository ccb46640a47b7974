using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

[Collection(SharedSilo.Name)]
public sealed class ReadingTests(SiloFixture fixture)
{
    private readonly string _key = Events.NewKey();

    private Api Api => fixture.Api;

    private string Path => Api.Stream("readings", _key);

    [Fact]
    public async Task The_head_has_version_position_and_times()
    {
        (await Api.PostAsync(Path, Events.Numbered(1))).Is(HttpStatusCode.Created);
        var append = (await Api.PostAsync(Path, Events.Numbered(2, from: 2))).Is(HttpStatusCode.Created);

        var head = (await Api.GetAsync(Path)).Is(HttpStatusCode.OK);
        Assert.Equal(3, head.Json["version"]!.GetValue<long>());
        Assert.Equal(append.Json["position"]!.GetValue<long>(), head.Json["position"]!.GetValue<long>());
        var events = await Api.PagesAsync(Path + "/events");
        Assert.Equal(Time(events[0]["timestamp"]!), Time(head.Json["created"]!));
        Assert.Equal(Time(events[2]["timestamp"]!), Time(head.Json["updated"]!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/state")]
    [InlineData("/events")]
    public async Task An_absent_stream_is_404(string rest) =>
        (await Api.GetAsync(Path + rest)).IsProblem(HttpStatusCode.NotFound);

    [Fact]
    public async Task An_event_has_all_its_fields()
    {
        var append = (await Api.PostAsync(Path, Events.Numbered(1))).Is(HttpStatusCode.Created).Json;

        var page = (await Api.GetAsync(Path + "/events")).Is(HttpStatusCode.OK).Json.AsObject();
        Assert.Equal((1, false), (page["next"]!.GetValue<long>(), page["more"]!.GetValue<bool>()));
        var one = page["events"]![0]!.AsObject();
        Assert.Equal($"readings/{_key}", one["stream"]!.GetValue<string>());
        Assert.Equal(1, one["version"]!.GetValue<long>());
        Assert.Equal(append["partition"]!.GetValue<int>(), one["partition"]!.GetValue<int>());
        Assert.Equal(append["position"]!.GetValue<long>(), one["position"]!.GetValue<long>());
        Assert.Equal(7, Guid.Parse(one["id"]!.GetValue<string>()).Version);
        Assert.Equal("numbered", one["type"]!.GetValue<string>());
        Assert.Equal(1, one["schemaVersion"]!.GetValue<int>());
        Assert.Equal("application/json", one["contentType"]!.GetValue<string>());
        Assert.EndsWith("Z", one["timestamp"]!.GetValue<string>());
        Assert.Equal(1, one["data"]!["n"]!.GetValue<int>());
        Assert.NotNull(one["metadata"]!.AsObject());
    }

    [Fact]
    public async Task Pages_follow_one_another_to_the_end()
    {
        (await Api.PostAsync(Path, Events.Numbered(25))).Is(HttpStatusCode.Created);

        var first = (await Api.GetAsync(Path + "/events?limit=10")).Is(HttpStatusCode.OK).Json;
        Assert.Equal((10, true), (first["next"]!.GetValue<long>(), first["more"]!.GetValue<bool>()));
        var events = await Api.PagesAsync(Path + "/events", limit: 10);
        Assert.Equal(Enumerable.Range(1, 25), events.Select(one => one["data"]!["n"]!.GetValue<int>()));
        Assert.Equal(5, (await Api.PagesAsync(Path + "/events", limit: 10, after: 20)).Count);
    }

    [Fact]
    public async Task A_page_that_ends_with_the_stream_has_the_cursor_to_continue_with_later()
    {
        (await Api.PostAsync(Path, Events.Numbered(10))).Is(HttpStatusCode.Created);
        var page = (await Api.GetAsync(Path + "/events?after=0&limit=10&direction=forward")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(10, page["events"]!.AsArray().Count);
        Assert.Equal((10, false), (page["next"]!.GetValue<long>(), page["more"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task Backward_pages_go_from_the_newest_to_the_oldest()
    {
        (await Api.PostAsync(Path, Events.Numbered(25))).Is(HttpStatusCode.Created);

        var seen = new List<long>();
        var query = "/events?direction=backward&limit=10";
        for (var more = true; more;)
        {
            var page = (await Api.GetAsync(Path + query)).Is(HttpStatusCode.OK).Json;
            seen.AddRange(page["events"]!.AsArray().Select(one => one!["version"]!.GetValue<long>()));
            more = page["more"]!.GetValue<bool>();
            query = $"/events?limit=10&before={page["next"]!.GetValue<long>()}";
        }

        Assert.Equal(Enumerable.Range(1, 25).Reverse().Select(n => (long)n), seen);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=many", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("after=9223372036854775808", "after")]
    [InlineData("after=-1", "after")]
    [InlineData("direction=sideways", "direction")]
    public async Task A_wrong_parameter_is_400_and_named(string query, string named)
    {
        (await Api.PostAsync(Path, Events.Numbered(1))).Is(HttpStatusCode.Created);
        var answer = await Api.GetAsync($"{Path}/events?{query}");
        answer.IsProblem(HttpStatusCode.BadRequest);
        Assert.Contains(named, answer.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_log_holds_every_event_in_order_without_gaps()
    {
        var append = (await Api.PostAsync(Path, Events.Numbered(3))).Is(HttpStatusCode.Created).Json;

        var last = append["position"]!.GetValue<long>();
        var log = (await Api.GetAsync($"/api/log?partition=0&after={last - 3}&limit=3")).Is(HttpStatusCode.OK).Json;
        var events = log["events"]!.AsArray();
        Assert.Equal([last - 2, last - 1, last], events.Select(one => one!["position"]!.GetValue<long>()));
        Assert.All(events, one => Assert.Equal($"readings/{_key}", one!["stream"]!.GetValue<string>()));

        var all = await Api.PagesAsync("/api/log?partition=0", limit: 100);
        Assert.Equal(
            Enumerable.Range(1, all.Count).Select(n => (long)n), all.Select(one => one["position"]!.GetValue<long>()));
    }

    [Theory]
    [InlineData("/events?after=9223372036854775807", 0, long.MaxValue)]
    [InlineData("/events?before=9223372036854775807&direction=backward", 3, 1)]
    [InlineData("/events?before=1", 0, 1)]
    public async Task A_version_beyond_the_end_is_read_as_the_end(string query, int count, long next)
    {
        (await Api.PostAsync(Path, Events.Numbered(3))).Is(HttpStatusCode.Created);
        var page = (await Api.GetAsync(Path + query)).Is(HttpStatusCode.OK).Json;
        Assert.Equal(count, page["events"]!.AsArray().Count);
        Assert.Equal((next, false), (page["next"]!.GetValue<long>(), page["more"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task The_log_gives_its_cursor_also_where_it_ends()
    {
        var last = (await Api.PostAsync(Path, Events.Numbered(1))).Is(HttpStatusCode.Created).Json["position"]!
            .GetValue<long>();
        var end = (await Api.GetAsync($"/api/log?after={last + 1_000_000}")).Is(HttpStatusCode.OK).Json;
        Assert.Empty(end["events"]!.AsArray());
        Assert.Equal((last + 1_000_000, false), (end["next"]!.GetValue<long>(), end["more"]!.GetValue<bool>()));
        var one = (await Api.GetAsync($"/api/log?after={last - 1}&limit=1")).Is(HttpStatusCode.OK).Json;
        Assert.Equal(last, one["next"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_partition_that_is_not_there_is_refused() =>
        (await Api.GetAsync("/api/log?partition=7")).IsProblem(HttpStatusCode.NotFound);

    private static DateTimeOffset Time(JsonNode node) =>
        DateTimeOffset.Parse(node.GetValue<string>(), CultureInfo.InvariantCulture);
}
