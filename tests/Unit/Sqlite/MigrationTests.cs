using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>
/// A file that the first schema's code wrote, with two partitions: a long stream beside short ones, one that was
/// cleared and went on, one that was cleared for good, and a snapshot.
/// </summary>
public sealed class MigrationTests
{
    [Fact]
    public async Task A_file_of_the_first_schema_has_every_event_where_it_was()
    {
        await using var folder = new SqliteFolder();
        var before = await CopyAsync(folder);

        var store = await folder.OpenAsync(partitions: 2);

        Assert.Equal(before, LogOf(folder));
        foreach (var partition in new[] { 0, 1 })
        {
            var positions = new List<long>();
            await foreach (var one in store.ReadLogAsync(LogPosition.StartOf(new(partition)), Token))
                positions.Add(one.Position.Position.Value);
            Assert.Equal(Enumerable.Range(1, partition == 0 ? 158 : 16).Select(static at => (long)at), positions);
        }
    }

    [Fact]
    public async Task Streams_of_the_first_schema_are_read_from_any_version_and_go_on()
    {
        await using var folder = new SqliteFolder();
        await CopyAsync(folder);
        var store = await folder.OpenAsync(partitions: 2);
        var name = new StreamName("old", "long");

        foreach (var after in new[] { 0, 1, 63, 64, 65, 127, 128, 149, 150 })
        {
            var versions = await VersionsAsync(store, name, after);
            Assert.Equal(Enumerable.Range(after + 1, 150 - after), versions);
        }

        Assert.Equal([1, 2], await VersionsAsync(store, new("old", "cleared"), 0));
        Assert.Empty(await VersionsAsync(store, new("old", "gone"), 0));
        var next = new Append(name, ExpectedVersion.Exactly(new(150)), new(Guid.CreateVersion7(Noon)),
            [new NewEvent(Guid.CreateVersion7(Noon), "happened", "{}"u8.ToArray())]);
        Assert.Equal(AppendOutcome.Appended, (await store.CommitAsync(next, Noon, Token)).Outcome);
        Assert.Equal([150, 151], await VersionsAsync(store, name, 149));
    }

    [Fact]
    public async Task The_snapshots_of_the_first_schema_are_kept()
    {
        await using var folder = new SqliteFolder();
        await CopyAsync(folder);
        var store = await folder.OpenAsync(partitions: 2);

        var snapshot = await new Storage.Sqlite.SqliteSnapshotStore(store)
            .ReadSnapshotAsync(new("old", "long"), new(150), notAfter: null, Token);
        Assert.Equal((100, 3), (snapshot!.Version.Value, snapshot.Payload.Length));
    }

    [Fact]
    public async Task A_migrated_file_is_opened_again_as_it_is()
    {
        await using var folder = new SqliteFolder();
        await CopyAsync(folder);
        await (await folder.OpenAsync(partitions: 2)).DisposeAsync();

        Assert.Equal(150, (await VersionsAsync(await folder.OpenAsync(partitions: 2), new("old", "long"), 0)).Count);
        Assert.Equal(2L, folder.Sql("SELECT max(version) FROM schema_version"));
    }

    private static async Task<string> CopyAsync(SqliteFolder folder)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.Path)!);
        var source = Path.Combine(AppContext.BaseDirectory, "Sqlite", "Data", "schema-1.db");
        await File.WriteAllBytesAsync(folder.Path, await File.ReadAllBytesAsync(source, Token), Token);
        return LogOf(folder);
    }

    private static string LogOf(SqliteFolder folder) => (string)folder.Sql(
        "SELECT group_concat(concat_ws('|', partition, position, stream, version, type, timestamp, data, metadata, id),"
        + " char(10)) FROM (SELECT * FROM event_log ORDER BY partition, position)")!;

    private static async Task<List<int>> VersionsAsync(IEventStore store, StreamName stream, long after) =>
        [.. (await store.ReadStreamForwardAsync(stream, new(after), int.MaxValue, Token)).Events
            .Select(static one => (int)one.Version.Value)];
}
