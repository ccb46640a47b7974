using System.Globalization;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>The log of some streams.</summary>
public sealed class PostgresStreamFilterTests : PostgresTest
{
    [Fact]
    public async Task The_log_is_read_by_streams_together_with_the_rest_of_the_filter()
    {
        var store = await Data.OpenAsync();
        foreach (var key in (string[])["a", "b\0", "c", "a"])
            await CommitAsync(store, Data.Append(key, ExpectedVersion.Any, "1"));
        await CommitAsync(store, Data.Clear("c"));
        var all = new LogFilter { Streams = Streams("a", "b\0", "unknown") };

        var page = await store.ReadLogAsync(default, all, 10, Token);
        Assert.Equal([1L, 2L, 4L], page.Events.Select(static one => one.Position.Position.Value));
        Assert.Equal(5, page.Through.Value);

        var none = await store.ReadLogAsync(default, new LogFilter { Streams = Streams() }, 10, Token);
        Assert.Empty(none.Events);
        Assert.Equal(5, none.Through.Value);

        var other = all with { Categories = new HashSet<string> { "other" } };
        Assert.Empty((await store.ReadLogAsync(default, other, 10, Token)).Events);
        var cleared = new LogFilter
        {
            Streams = Streams("c"), EventTypes = new HashSet<string> { EventTypes.Tombstone },
        };
        Assert.Equal(3, Assert.Single((await store.ReadLogAsync(default, cleared, 10, Token)).Events)
            .Position.Position.Value);
    }

    [Fact]
    public async Task A_filter_names_so_many_streams_and_no_more()
    {
        var store = await Data.OpenAsync();
        var keys = Enumerable.Range(0, GranaryLimits.FilterStreamsMax)
            .Select(static at => at.ToString(CultureInfo.InvariantCulture)).ToArray();

        await store.ReadLogAsync(default, new LogFilter { Streams = Streams(keys) }, 10, Token);

        var tooMany = new LogFilter { Streams = Streams([.. keys, "one more"]) };
        await Assert.ThrowsAsync<LimitExceededException>(
            () => store.ReadLogAsync(default, tooMany, 10, Token).AsTask());
    }

    private static HashSet<StreamName> Streams(params string[] keys) =>
        [.. keys.Select(static key => new StreamName("order", key))];
}
