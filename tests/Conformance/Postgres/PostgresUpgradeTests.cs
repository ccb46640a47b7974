using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>A schema of an earlier version is migrated while silos of that version still run.</summary>
public sealed class PostgresUpgradeTests : PostgresTest
{
    // As a silo of version 1 calls it: the second event of a stream whose first one is at position 1.
    private const string Append1 = """
        SELECT is_current FROM {schema}.append(
          0, 1, 10000, 5000, now(), ARRAY[64]::bigint[], '{}'::bytea[],
          '{}'::bigint[], '{}'::bytea[], '{}'::bytea[], '{}'::bytea[],
          ARRAY[64]::bigint[], ARRAY[2]::bigint[], ARRAY[1]::bigint[], ARRAY[1]::integer[],
          ARRAY['00000000-0000-7000-8000-000000000001']::uuid[], ARRAY[NULL]::uuid[], ARRAY[NULL]::bytea[],
          ARRAY['{}']::bytea[], '{}'::bigint[], '{}'::bytea[])
        """;

    // The same as one of version 2 calls it.
    private const string Append2 = """
        SELECT is_current FROM {schema}.append(
          0, 1, 10000, 5000, 1, now(), ARRAY[64]::bigint[], ARRAY[NULL]::bigint[], '{}'::bytea[],
          '{}'::bigint[], '{}'::bytea[], '{}'::bytea[], '{}'::bytea[],
          ARRAY[64]::bigint[], ARRAY[2]::bigint[], ARRAY[1]::bigint[], ARRAY[1]::integer[],
          ARRAY['00000000-0000-7000-8000-000000000001']::uuid[], ARRAY[NULL]::uuid[], ARRAY[NULL]::bytea[],
          ARRAY['{}']::bytea[], '{}'::bigint[], '{}'::bytea[])
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_such_a_silo_appends_then_is_checked_read_and_followed(int version)
    {
        await CommitAsync(await Data.OpenAsync(), Data.Append("a", ExpectedVersion.NoStream, "{}"));
        await Data.CloseAsync();
        await DowngradeAsync(version);
        var append = version == 1 ? Append1 : Append2;
        var store = await Data.OpenAsync();

        Assert.True(await Data.ScalarAsync<bool>(append));
        var followed = await CommitAsync(store, Data.Append("a", ExpectedVersion.Any, "{}"));

        Assert.Equal((3, 3), (followed.Version.Value, followed.Position.Position.Value));
        Assert.Equal([1L, 2L, 3L], (await ReadAsync(store, "a")).Select(static one => one.Version.Value));
        Assert.False(await Data.ScalarAsync<bool>(append));
    }

    // What it does not know must not be read as damage, nor as what was removed.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Such_a_silo_reads_of_a_truncated_stream_what_is_left_and_else_gets_an_error(int version)
    {
        await CommitAsync(await Data.OpenAsync(), Data.Append("a", ExpectedVersion.NoStream, "1", "2", "3"));
        await Data.CloseAsync();
        await DowngradeAsync(version);
        Assert.Equal("123", await Data.ScalarAsync<string>(Stream(after: 0)));
        var store = await Data.OpenAsync();
        Assert.Equal("123", await Data.ScalarAsync<string>(Stream(after: 0)));

        Assert.True(await store.TruncateAsync(
            new Truncation(new("order", "a"), new(3), new(default, new(3))), Token));

        var fault = await Assert.ThrowsAsync<Npgsql.PostgresException>(
            () => Data.ScalarAsync<string>(Stream(after: 1)));
        Assert.StartsWith("version 2 of the stream was removed", fault.MessageText, StringComparison.Ordinal);
        Assert.Equal("3", await Data.ScalarAsync<string>(Stream(after: 2)));
        Assert.Equal("3|3", await Data.ScalarAsync<string>(
            "SELECT version || '|' || position FROM {schema}.read_head(0, 64, 3, 3, NULL)"));
        Assert.Equal("||3", await Data.ScalarAsync<string>(Text("read_log(0, 0, 10, 1000)", "|")));
        Assert.Equal("||3", await Data.ScalarAsync<string>(
            Text("read_filtered_log(0, 0, 10, 10, 1000, '{order}', NULL, 'granary.tombstone')", "|")));
        Assert.Equal("||3", await Data.ScalarAsync<string>(
            "SELECT string_agg(data, '|' ORDER BY position) FROM {schema}.event_log"));
        await Data.ExecuteAsync("""
            SELECT {schema}.write_snapshot((SELECT hash FROM {schema}.streams), 2, 2, now(), 'f', 0, 'p', 2);
            SELECT {schema}.scrub(10, 1000, (SELECT min(type) FROM {schema}.types))
            """);
        Assert.Equal(0L, await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.snapshots"));
        Assert.Equal("||3", await Data.ScalarAsync<string>(
            "SELECT string_agg(convert_from(payload, 'UTF8'), '|' ORDER BY position) FROM {schema}.log"));
    }

    [Fact]
    public async Task A_silo_without_models_reads_the_log_on_while_one_with_models_runs()
    {
        const string filtered = "read_filtered_log(0, 0, 10, 10, 1000, '{order}', NULL, 'granary.tombstone')";
        await CommitAsync(await Data.OpenAsync(), Data.Append("a", ExpectedVersion.NoStream, "1", "2", "3"));
        await Data.CloseAsync();
        await Data.ExecuteAsync(await ReadFileAsync("Version3.sql"));
        Assert.Equal("1|2|3", await Data.ScalarAsync<string>(Text(filtered, "|")));

        var store = await Data.OpenAsync();

        var models = new Granary.Storage.Postgres.PostgresModelStore(store);
        await models.CreateTableAsync(new ModelTable("accounts_v1"), Token);
        Assert.Equal("1|2|3", await Data.ScalarAsync<string>(Text(filtered, "|")));
        Assert.Equal(4, await Data.ScalarAsync<int>("SELECT version FROM {schema}.store"));
        var filter = new LogFilter { Streams = new HashSet<StreamName> { new("order", "a") } };
        Assert.Equal(3, (await store.ReadLogAsync(default, filter, 10, Token)).Events.Count);
    }

    private static string Stream(int after) => Text($"read_stream(0, 64, {after}, 64, 3, 3, NULL, 1000)", "");

    private static string Text(string call, string between) =>
        $"SELECT string_agg(convert_from(payload, 'UTF8'), '{between}' ORDER BY position) FROM {{schema}}.{call}";

    private async Task DowngradeAsync(int version)
    {
        await Data.ExecuteAsync(await ReadFileAsync("Version2Commits.sql") + await ReadFileAsync("Version2Reads.sql"));
        if (version > 1) return;
        await Data.ExecuteAsync(
            "DROP FUNCTION {schema}.append, {schema}.begin_epoch, {schema}.read_epoch, {schema}.has_stream, "
            + "{schema}.notify_tail; DROP TABLE {schema}.epochs; UPDATE {schema}.store SET version = 1;"
            + await ReadFileAsync("Version1.sql"));
    }

    private static async Task<string> ReadFileAsync(string file)
    {
        await using var stream = typeof(PostgresUpgradeTests).Assembly.GetManifestResourceStream(file)!;
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Token);
    }
}
