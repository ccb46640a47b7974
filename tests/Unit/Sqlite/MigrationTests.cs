using Granary.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using static Granary.Tests.Unit.Sqlite.SqliteFolder;

namespace Granary.Tests.Unit.Sqlite;

/// <summary>The mechanism of migrations, with a migration made for the test, and those that there are.</summary>
public sealed class MigrationTests
{
    private const string Whole = "CREATE TABLE made_by_migration (a INTEGER); INSERT INTO made_by_migration VALUES (1)";
    private const string Partition = "UPDATE made_by_migration SET a = a + 10; CREATE TABLE made_{partition} (a)";

    private static readonly int Current = SqliteSchema.Current.Version;
    private static readonly SqliteSchema Next = To(Current + 1, Whole, Partition);

    [Fact]
    public async Task A_file_of_the_last_schema_is_migrated_and_keeps_its_events()
    {
        await using var folder = await FilledAsync();

        var store = await folder.OpenAsync(new SqliteEventStore(folder.Options(partitions: 2)) { Schema = Next });

        Assert.Equal(3, (await ReadAsync(store, "a")).Count);
        Assert.Equal(21L, folder.Sql("SELECT a FROM made_by_migration"));
        Assert.Equal(2L, folder.Sql("SELECT count(*) FROM sqlite_master WHERE name IN ('made_0', 'made_1')"));
        Assert.Equal(Current + 1L, folder.Sql("SELECT version FROM store"));
        Assert.Equal(3L, folder.Sql("SELECT count(*) FROM event_log"));
        Assert.Equal(4, (await CommitAsync(store, Of("a", ExpectedVersion.Exactly(new(3))))).Version.Value);
    }

    [Fact]
    public async Task A_file_several_schemas_old_goes_through_each_of_them_once()
    {
        await using var folder = await FilledAsync();
        var later = new SqliteSchema(
            Current + 2,
            [
                new SqliteMigration(Current + 1, Whole, ""),
                new SqliteMigration(Current + 2, "UPDATE made_by_migration SET a = a * 7", ""),
            ]);

        for (var time = 0; time < 2; time++)
        {
            await using var store = new SqliteEventStore(folder.Options(partitions: 2)) { Schema = later };
            await store.InitializeAsync(Token);
        }

        Assert.Equal(7L, folder.Sql("SELECT a FROM made_by_migration"));
        Assert.Equal(Current + 2L, folder.Sql("SELECT version FROM store"));
    }

    [Fact]
    public async Task A_process_killed_during_a_migration_leaves_the_file_as_it_was()
    {
        await using var folder = await FilledAsync();
        await using var killed = new SqliteFolder();
        await using var store = new SqliteEventStore(folder.Options(partitions: 2));
        await store.InitializeAsync(Token);

        // Nothing else moves pages while the files are copied.
        await store.Maintenance.RunDueMaintenanceAsync();

        // So small a cache that the half of a migration reaches the files, as that of a large file does.
        await store.Writer.UseAsync(static session => session.Execute("PRAGMA cache_size = 1"), Token);
        var half = To(Current + 1, Whole + ';' + Large, "");
        await store.Writer.WriteAsync(
            session =>
            {
                half.Ensure(session, folder.Options(partitions: 2), NullLogger.Instance);
                folder.CopyTo(killed);
            },
            Token);
        Assert.True(new FileInfo(killed.WalPath).Length > 100_000);

        Assert.Equal((long)Current, killed.Sql("SELECT version FROM store"));
        Assert.Equal(0L, killed.Sql("SELECT count(*) FROM sqlite_master WHERE name = 'made_by_migration'"));
        var again = await killed.OpenAsync(new SqliteEventStore(killed.Options(partitions: 2)) { Schema = Next });
        Assert.Equal(3, (await ReadAsync(again, "a")).Count);
        Assert.Equal(21L, killed.Sql("SELECT a FROM made_by_migration"));
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_file_as_it_was()
    {
        await using var folder = await FilledAsync();
        var broken = To(Current + 1, Whole, "INSERT INTO nothing VALUES (1)");

        await Assert.ThrowsAsync<StoreUnavailableException>(() => folder.OpenAsync(
            new SqliteEventStore(folder.Options(partitions: 2)) { Schema = broken }));

        Assert.Equal((long)Current, folder.Sql("SELECT version FROM store"));
        Assert.Equal(3, (await ReadAsync(await folder.OpenAsync(partitions: 2), "a")).Count);
    }

    [Fact]
    public async Task A_schema_that_no_migration_leads_from_is_refused()
    {
        await using var folder = await FilledAsync();
        var later = To(Current + 2, Whole, Partition);

        var error = await Assert.ThrowsAsync<StoreSchemaException>(() => folder.OpenAsync(
            new SqliteEventStore(folder.Options(partitions: 2)) { Schema = later }));

        Assert.Contains("does not migrate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_schema_3_is_migrated_and_what_it_clears_is_scrubbed()
    {
        await using var folder = await FilledAsync();
        folder.Sql(ToSchema4 + "ALTER TABLE clearings DROP COLUMN rest; UPDATE store SET version = 3");

        var store = await folder.OpenAsync(partitions: 2);

        Assert.Equal(5L, folder.Sql("SELECT version FROM store"));
        Assert.Equal(3, (await ReadAsync(store, "a")).Count);
        await CommitAsync(store, Clear("a"));
        Assert.Equal(4L, folder.Sql("SELECT count(*) FROM event_log"));
        Assert.True(await store.ScrubAsync(2, Token));
        Assert.False(await store.ScrubAsync(2, Token));
        Assert.Empty(await ReadAsync(store, "a"));
    }

    [Fact]
    public async Task A_file_of_schema_4_is_migrated_with_what_it_has_cleared_and_not_scrubbed()
    {
        await using var folder = await FilledAsync();
        await using (var store = new SqliteEventStore(folder.Options(partitions: 2)))
        {
            await store.InitializeAsync(Token);
            await CommitAsync(store, Clear("a"));
            await CommitAsync(store, Of("a", ExpectedVersion.NoStream, events: 3));
        }

        folder.Sql(ToSchema4 + "UPDATE store SET version = 4");

        var migrated = await folder.OpenAsync(partitions: 2);

        Assert.Equal(5L, folder.Sql("SELECT version FROM store"));
        Assert.Equal(1, (await HeadAsync(migrated, "a")).First.Value);
        var kept = (await ReadAsync(migrated, "a"))[1];
        Assert.True(await migrated.TruncateAsync(new(kept.Stream, kept.Version, kept.Position), Token));
        Assert.Equal(4L, folder.Sql("SELECT count(*) FROM event_log WHERE type = 'granary.tombstone'"));
        Assert.False(await migrated.ScrubAsync(10, Token));
        Assert.Equal([2, 3], (await ReadAsync(migrated, "a", after: 1)).Select(static one => (int)one.Version.Value));
    }

    // What schema 5 has added, taken away again.
    private const string ToSchema4 =
        "DROP VIEW event_log; ALTER TABLE removals DROP COLUMN first; ALTER TABLE removals RENAME TO clearings; "
        + "ALTER TABLE store DROP COLUMN truncations; CREATE VIEW event_log AS SELECT 3; ";

    private static string Large => "CREATE TABLE large (a); INSERT INTO large VALUES (randomblob(500000))";

    // The one step to a schema.
    private static SqliteSchema To(int version, string whole, string partition) =>
        new(version, [new SqliteMigration(version, whole, partition)]);

    private static async Task<SqliteFolder> FilledAsync()
    {
        var folder = new SqliteFolder();
        var store = await folder.OpenAsync(partitions: 2);
        await CommitAsync(store, Of("a", ExpectedVersion.NoStream, events: 3));
        await store.DisposeAsync();
        return folder;
    }
}
