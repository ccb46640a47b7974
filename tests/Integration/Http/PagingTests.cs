using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>Pages are bounded in events and in bytes, and <c>next</c> continues where one ended.</summary>
[Collection(SharedSilo.Name)]
public sealed class PagingTests(SiloFixture fixture)
{
    private const int Large = 12;

    // Of events of a megabyte and a few bytes, 8 MiB hold eight.
    private static readonly int[] PageSizes = [8, 4];

    private readonly string _key = Events.NewKey();

    private Api Api => fixture.Api;

    private string Path => Api.Stream("pages", _key);

    [Fact]
    public async Task A_page_of_large_events_ends_early_and_the_next_continues_in_either_direction()
    {
        var text = new string('x', 1_000_000);
        var start = 0L;
        for (var number = 1; number <= Large; number++)
        {
            var data = new JsonObject { ["n"] = number, ["t"] = text };
            var answer = await Api.PostAsync(Path, Events.One("large", data));
            if (number == 1) start = answer.Is(HttpStatusCode.Created).Json["position"]!.GetValue<long>() - 1;
        }

        var forward = await FollowAsync(Path + "/events?limit=1000", "version");
        Assert.Equal(Enumerable.Range(1, Large), forward.Select(static one => one["data"]!["n"]!.GetValue<int>()));
        var backward = await FollowAsync(Path + "/events?limit=1000&direction=backward", "version");
        Assert.Equal(
            Enumerable.Range(1, Large).Reverse(), backward.Select(static one => one["data"]!["n"]!.GetValue<int>()));
        Assert.Equal(Large, (await FollowAsync($"/api/log?limit=1000&after={start}", "position")).Count);
    }

    [Fact]
    public async Task A_page_that_is_just_full_at_the_end_has_no_more_in_any_direction()
    {
        var last = (await Api.PostAsync(Path, Events.Numbered(10))).Is(HttpStatusCode.Created).Json["position"]!;
        foreach (var path in new[]
        {
            Path + "/events?limit=10", Path + "/events?limit=10&direction=backward",
            Path + "/events?limit=5&after=5", Path + "/events?limit=5&before=6&direction=backward",
            $"/api/log?limit=10&after={last.GetValue<long>() - 10}",
        })
        {
            var page = (await Api.GetAsync(path)).Is(HttpStatusCode.OK).Json;
            Assert.False(page["more"]!.GetValue<bool>(), path);
        }

        var shorter = (await Api.GetAsync($"/api/log?limit=9&after={last.GetValue<long>() - 10}")).Json;
        Assert.Equal(
            (last.GetValue<long>() - 1, true),
            (shorter["next"]!.GetValue<long>(), shorter["more"]!.GetValue<bool>()));
    }

    private async Task<List<JsonNode>> FollowAsync(string path, string cursorMember)
    {
        var events = new List<JsonNode>();
        var sizes = new List<int>();
        for (var next = path; next is not null;)
        {
            var answer = (await Api.GetAsync(next)).Is(HttpStatusCode.OK);
            var page = answer.Json["events"]!.AsArray();
            sizes.Add(page.Count);
            events.AddRange(page.Select(static one => one!));
            var after = answer.Json["next"]!.GetValue<long>();
            Assert.Equal(page[^1]![cursorMember]!.GetValue<long>(), after);
            var cursor = path.Contains("backward", StringComparison.Ordinal) ? "before" : "after";
            next = answer.Json["more"]!.GetValue<bool>() ? $"{path.Split("&after")[0]}&{cursor}={after}" : null;
        }

        Assert.Equal(PageSizes, sizes);
        return events;
    }
}
