using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>A schema of the version before is migrated while silos of that version still run.</summary>
public sealed class PostgresUpgradeTests : PostgresTest
{
    // As such a silo calls it: the second event of a stream whose first one is at position 1.
    private const string Append = """
        SELECT is_current FROM {schema}.append(
          0, 1, 10000, 5000, now(), ARRAY[64]::bigint[], '{}'::bytea[],
          '{}'::bigint[], '{}'::bytea[], '{}'::bytea[], '{}'::bytea[],
          ARRAY[64]::bigint[], ARRAY[2]::bigint[], ARRAY[1]::bigint[], ARRAY[1]::integer[],
          ARRAY['00000000-0000-7000-8000-000000000001']::uuid[], ARRAY[NULL]::uuid[], ARRAY[NULL]::bytea[],
          ARRAY['{}']::bytea[], '{}'::bigint[], '{}'::bytea[])
        """;

    [Fact]
    public async Task What_such_a_silo_appends_then_is_checked_read_and_followed()
    {
        await CommitAsync(await Data.OpenAsync(), Data.Append("a", ExpectedVersion.NoStream, "{}"));
        await Data.CloseAsync();
        await Data.ExecuteAsync(
            "DROP FUNCTION {schema}.append, {schema}.begin_epoch, {schema}.read_epoch, {schema}.has_stream, "
            + "{schema}.notify_tail; DROP TABLE {schema}.epochs; UPDATE {schema}.store SET version = 1;"
            + await ReadVersion1Async());
        var store = await Data.OpenAsync();

        Assert.True(await Data.ScalarAsync<bool>(Append));
        var followed = await CommitAsync(store, Data.Append("a", ExpectedVersion.Any, "{}"));

        Assert.Equal((3, 3), (followed.Version.Value, followed.Position.Position.Value));
        Assert.Equal([1L, 2L, 3L], (await ReadAsync(store, "a")).Select(static one => one.Version.Value));
        Assert.False(await Data.ScalarAsync<bool>(Append));
    }

    private static async Task<string> ReadVersion1Async()
    {
        await using var stream = typeof(PostgresUpgradeTests).Assembly.GetManifestResourceStream("Version1.sql")!;
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Token);
    }
}
