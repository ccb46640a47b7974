using Granary.Storage.Sqlite;
using static Granary.Tests.Unit.Sqlite.Models.ModelFolder;

namespace Granary.Tests.Unit.Sqlite.Models;

/// <summary>The file of the models: where it is, who uses it at once, and what is refused.</summary>
public sealed class ModelFileTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Models_are_in_a_file_of_their_own_beside_the_log_and_do_not_wait_for_its_writer()
    {
        await using var folder = new ModelFolder();
        await using var log = new SqliteEventStore(folder.Options);
        await log.InitializeAsync(Token);
        await using var writing = folder.Connect(folder.Options.Path);
        await using var transaction = writing.BeginTransaction();

        var store = await folder.OpenAsync();
        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(store, Put("a")));

        Assert.Equal(folder.ModelsPath, store.Path);
        Assert.Equal(["wal"], folder.Sql("PRAGMA journal_mode"));
        Assert.Equal(1L, folder.Sql("SELECT count(*) FROM orders").Single());
    }

    [Theory]
    [InlineData("events.sqlite", null, "events-models.sqlite")]
    [InlineData("events", null, "events-models")]
    [InlineData("events.db", "own/models.db", "own/models.db")]
    public async Task The_path_follows_that_of_the_log_unless_there_is_one_of_its_own(
        string log, string? models, string expected)
    {
        await using var folder = new ModelFolder();
        var options = new SqliteStoreOptions
        {
            Path = folder.PathOf(log), ModelsPath = models is null ? null : folder.PathOf(models),
        };

        var store = await folder.OpenAsync(options);

        Assert.Equal(folder.PathOf(expected), store.Path);
        Assert.True(File.Exists(folder.PathOf(expected)));
    }

    [Fact]
    public async Task What_one_process_commits_another_reads_at_once_and_writes_over()
    {
        await using var folder = new ModelFolder();
        var (one, other) = (await folder.OpenAsync(), await folder.OpenAsync());
        for (var round = 0; round < 20; round++)
        {
            var (writer, reader) = round % 2 == 0 ? (one, other) : (other, one);
            var commit = new ModelCommit(Put("a", await FindAsync(writer, "a")));
            Assert.Equal(ModelCommitOutcome.Committed, await writer.CommitAsync(commit, Token));
            Assert.Equal(commit.Id, (await FindAsync(reader, "a"))?.Revision);
        }
    }

    [Fact]
    public async Task Reads_wait_for_no_commit_and_see_nothing_of_it_before_it_has_landed()
    {
        await using var folder = new ModelFolder();
        var store = await folder.OpenAsync();

        await store.CommitAsync(new ModelCommit(Put("a")), async (_, _, token) =>
        {
            Assert.Null(await FindAsync(store, "a").WaitAsync(Patience, token));
            Assert.Empty((await store.QueryAsync(new ModelQuery(Orders), token)).Rows);
        }, Token);

        Assert.NotNull(await FindAsync(store, "a"));
    }

    [Fact]
    public async Task A_lock_that_another_process_holds_for_too_long_is_an_error_and_the_store_goes_on_after_it()
    {
        await using var folder = new ModelFolder();
        folder.Options.BusyTimeoutMs = 1;
        var store = await folder.OpenAsync();
        await using (var other = folder.Connect())
        {
            await using var writing = other.BeginTransaction();
            var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, Put("a")));
            Assert.Contains("is locked by another process", error.Message, StringComparison.Ordinal);
            Assert.Null(await FindAsync(store, "a"));
        }

        Assert.Equal(ModelCommitOutcome.Committed, await CommitAsync(store, Put("a")));
    }

    [Fact]
    public async Task A_file_of_a_newer_Granary_is_refused_and_stays_as_it_is()
    {
        await using var folder = new ModelFolder();
        await CommitAsync(await folder.OpenAsync(), Put("a"));
        folder.Sql("UPDATE granary_models SET version = version + 1");

        var error = await Assert.ThrowsAsync<StoreSchemaException>(() => folder.OpenAsync());

        Assert.Contains("Update this silo", error.Message, StringComparison.Ordinal);
        Assert.Equal([2L], folder.Sql("SELECT version FROM granary_models"));
        Assert.Equal(1L, folder.Sql("SELECT count(*) FROM orders").Single());
    }

    [Fact]
    public async Task A_file_of_another_kind_is_refused_and_stays_as_it_is()
    {
        await using var folder = new ModelFolder();
        folder.Sql("CREATE TABLE other (x)");
        var before = await File.ReadAllBytesAsync(folder.ModelsPath, Token);

        var error = await Assert.ThrowsAsync<StoreSchemaException>(() => folder.OpenAsync());

        Assert.Contains("Choose another path", error.Message, StringComparison.Ordinal);
        await folder.New().DisposeAsync();
        Assert.Equal(before, await File.ReadAllBytesAsync(folder.ModelsPath, Token));
    }

    [Fact]
    public async Task The_file_of_the_log_is_refused_as_that_of_the_models()
    {
        await using var folder = new ModelFolder();
        await using var log = new SqliteEventStore(folder.Options);
        await log.InitializeAsync(Token);
        folder.Options.ModelsPath = folder.Options.Path;

        await Assert.ThrowsAsync<StoreSchemaException>(() => folder.OpenAsync());

        await SqliteFolder.CommitAsync(log, SqliteFolder.Of("a", ExpectedVersion.NoStream));
    }

    [Fact]
    public async Task A_damaged_file_is_reported_as_that()
    {
        await using var folder = new ModelFolder();
        await File.WriteAllBytesAsync(folder.ModelsPath, [.. Enumerable.Repeat((byte)7, 8_192)], Token);

        var error = await Assert.ThrowsAsync<StoreCorruptException>(() => folder.OpenAsync());

        Assert.Contains(folder.ModelsPath, error.Message, StringComparison.Ordinal);
        Assert.Contains("projections are then derived again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_page_is_reported_and_a_file_in_its_place_is_used_without_a_restart()
    {
        await using var folder = new ModelFolder();
        var store = await folder.OpenAsync();
        await CommitAsync(store, Put("a"));
        folder.Sql("PRAGMA wal_checkpoint(TRUNCATE)");
        const string keys = "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_orders_1'";
        var page = (long)folder.Sql(keys).Single();
        var size = (long)folder.Sql("PRAGMA page_size").Single();
        await using (var file = File.OpenWrite(folder.ModelsPath))
        {
            file.Position = (page - 1) * size;
            file.Write([.. Enumerable.Repeat((byte)7, (int)size)]);
        }

        await Assert.ThrowsAsync<StoreCorruptException>(() => FindAsync(store, "a"));

        foreach (var suffix in new[] { "", "-wal", "-shm" }) File.Delete(folder.ModelsPath + suffix);
        await store.InitializeAsync(Token);
        await store.CreateTableAsync(Orders, Token);
        await CommitAsync(store, Put("b"));
        Assert.Null(await FindAsync(store, "a"));
        Assert.Equal(["b"], folder.Sql("SELECT key FROM orders"));
    }

    [Fact]
    public async Task A_read_that_is_cancelled_ends_while_SQLite_is_in_it()
    {
        await using var folder = new ModelFolder();
        await folder.OpenAsync();
        await using var file = new ModelFile(folder.Options);
        using var cancellation = new CancellationTokenSource();
        var started = new TaskCompletionSource();

        var reading = file.ReadAsync(
            connection =>
            {
                connection.CreateFunction("started", () => started.TrySetResult());
                return Run(
                    connection,
                    "WITH RECURSIVE n(x) AS (SELECT started() UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n");
            },
            cancellation.Token);
        await started.Task.WaitAsync(Patience, Token);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Patience, Token));
        Assert.Equal([1L], await file.ReadAsync(static connection => Run(connection, "SELECT 1"), Token));
    }
}
