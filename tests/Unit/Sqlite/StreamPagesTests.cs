using Granary.Storage.Sqlite;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

public sealed class StreamPagesTests
{
    private static readonly StreamName Long = new("test", "long");

    [Theory, InlineData(0), InlineData(1), InlineData(127), InlineData(128), InlineData(129), InlineData(4_999)]
    public async Task A_stream_of_many_pages_is_read_whole_and_in_order_from_any_version(int after)
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        await FillAsync(store);

        var versions = (await ReadAsync(store, Long.Key, after)).Select(one => (int)one.Version.Value);

        Assert.Equal(Enumerable.Range(after + 1, 5_000 - after), versions);
    }

    [Fact]
    public async Task A_reader_that_stops_early_leaves_no_read_running()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        await FillAsync(store);

        for (var stop = 1; stop < 2_000; stop += 20)
        {
            await foreach (var recorded in store.ReadStreamAsync(Long, StreamVersion.Zero, Token))
            {
                if (recorded.Version.Value == stop) break;
            }

            Assert.Equal(0, store.Readers.Running);
        }
    }

    [Fact]
    public async Task A_stream_that_is_cleared_while_it_is_read_is_not_read_in_part_nor_with_its_next_generation()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        await FillAsync(store);
        var versions = new List<long>();

        await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
        {
            await foreach (var recorded in store.ReadStreamAsync(Long, StreamVersion.Zero, Token))
            {
                if (versions.Count == 1_000)
                {
                    await CommitAsync(store, Clear(Long.Key));
                    await FillAsync(store);
                }

                versions.Add(recorded.Version.Value);
            }
        });

        // Whether the page that is read ahead was read before the clearing is open; no further one was.
        Assert.InRange(versions.Count, 1_001, 4_999);
        Assert.Equal(Enumerable.Range(1, versions.Count).Select(static at => (long)at), versions);
    }

    private static async Task FillAsync(SqliteEventStore store)
    {
        for (var at = 0; at < 10; at++)
        {
            await CommitAsync(store, Of(Long.Key, ExpectedVersion.Any, events: 500));
            await CommitAsync(store, Of("other", ExpectedVersion.Any));
        }
    }
}
