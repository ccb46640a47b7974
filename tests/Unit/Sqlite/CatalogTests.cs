using Granary.Storage.Sqlite;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>The streams of a store, by the index of their names.</summary>
public sealed class CatalogTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_page_begins_in_the_index_and_sorts_nothing(bool isOfCategory)
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        await store.Writer.UseAsync(
            session =>
            {
                using var plan = session.Prepare("EXPLAIN QUERY PLAN " + CatalogStatements.SqlOf(isOfCategory));
                List<string> steps = [];
                while (plan.Step()) steps.Add(plan.Text(3));
                Assert.EndsWith(
                    isOfCategory ? "(category=? AND key>?)" : "((category,key)>(?,?))", steps[0],
                    StringComparison.Ordinal);
                Assert.All(steps, static step => Assert.StartsWith("SEARCH", step, StringComparison.Ordinal));
            },
            Token);
    }

    [Fact]
    public async Task A_page_looks_at_a_bounded_number_of_streams_whatever_its_limit()
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        var appends = Enumerable.Range(0, 2_500).Select(static at => Of($"{at:d5}", ExpectedVersion.NoStream));
        await store.CommitAsync(new AppendBatch(default, Noon, [.. appends]), Token);

        List<int> sizes = [];
        StreamName? next = null;
        do
        {
            var page = await store.ReadStreamsAsync(null, next, int.MaxValue, Token);
            sizes.Add(page.Streams.Count);
            next = page.Next;
        }
        while (next is not null);

        Assert.Equal([1_000, 1_000, 500], sizes);
    }

    // A snapshot that comes before the first event makes a stream known; so may a page of such streams alone be empty.
    [Fact]
    public async Task A_stream_is_listed_from_its_first_event_on_whether_or_not_the_index_has_it()
    {
        await using var folder = new SqliteFolder();
        var (store, other) = (await folder.OpenAsync(), await folder.OpenAsync());
        var snapshots = new SqliteSnapshotStore(store);
        foreach (var key in new[] { "a", "b", "c" }) await snapshots.WriteSnapshotAsync(SnapshotOf(key), Token);
        var first = await other.ReadStreamsAsync("test", null, 2, Token);
        Assert.Equal((0, "b"), (first.Streams.Count, first.Next?.Key));

        await CommitAsync(store, Of("b", ExpectedVersion.NoStream));
        Assert.Equal(["b"], (await other.ReadStreamsAsync("test", null, 2, Token)).Streams.Select(one => one.Key));
        await store.Maintenance.FlushAsync(store.IndexOf(0));
        Assert.Equal(["b"], (await other.ReadStreamsAsync(null, null, 3, Token)).Streams.Select(one => one.Key));
    }

    [Theory]
    [InlineData("UPDATE streams SET key = 'c' WHERE id = 1")]
    [InlineData("DELETE FROM streams WHERE id = 1")]
    public async Task A_name_that_contradicts_the_index_of_names_is_not_served(string damage)
    {
        await using var folder = new SqliteFolder();
        var store = await folder.OpenAsync();
        await CommitAsync(store, Of("a", ExpectedVersion.NoStream));
        folder.Sql("CREATE TABLE copy AS SELECT * FROM streams");
        folder.Sql("PRAGMA writable_schema = 1; UPDATE sqlite_master SET rootpage = "
            + "(SELECT rootpage FROM sqlite_master WHERE name = 'copy') WHERE name = 'streams'");
        folder.Sql(damage.Replace("streams", "copy", StringComparison.Ordinal));

        var again = await folder.OpenAsync();

        await Assert.ThrowsAsync<StoreCorruptException>(async () =>
            await again.ReadStreamsAsync(null, null, 10, Token));
    }

    private static Snapshot SnapshotOf(string key) => new()
    {
        Stream = new("test", key),
        Version = new(1),
        Position = new(default, new(1)),
        Timestamp = Noon,
        Fingerprint = "shape",
        Checksum = 1,
        Payload = "state"u8.ToArray(),
    };
}
