using System.Globalization;
using Granary.Storage.Postgres;
using Npgsql;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>What a call reads does not grow with the log, whatever plan the server makes.</summary>
public sealed class PostgresCostTests : PostgresTest
{
    private const int Events = 60_000;
    private const int FirstEvents = 1_100;
    private const int RowsMax = 20_000;

    // More often than the server makes a plan for the arguments of a call.
    private const int WarmUps = 8;

    // A new log has no statistics, and a plan may be made once for all arguments, also while there is hardly an event;
    // then a store has the rows counted.
    [Theory]
    [InlineData("auto", false, false)]
    [InlineData("auto", true, false)]
    [InlineData("auto", true, true)]
    [InlineData("force_generic_plan", false, false)]
    [InlineData("force_generic_plan", true, false)]
    [InlineData("force_generic_plan", true, true)]
    public async Task A_call_reads_a_bounded_number_of_rows(string planCacheMode, bool isAnalyzed, bool isOldPlan)
    {
        await Data.OpenAsync();
        await Data.ExecuteAsync("""
            ALTER TABLE {schema}.log SET (autovacuum_enabled = false);
            ALTER TABLE {schema}.streams SET (autovacuum_enabled = false);
            ALTER TABLE {schema}.heads SET (autovacuum_enabled = false);
            ALTER TABLE {schema}.clearings SET (autovacuum_enabled = false);
            ALTER TABLE {schema}.truncations SET (autovacuum_enabled = false);
            """);
        await FillAsync(1, FirstEvents);
        await using var connection = await Data.ConnectAsync();
        await RunAsync(connection, $"SET plan_cache_mode = {planCacheMode}");
        for (var warmUp = 0; isOldPlan && warmUp < WarmUps; warmUp++)
        {
            foreach (var (call, _) in await CallsAsync(FirstEvents)) await RowsOfAsync(connection, call);
        }

        await FillAsync(FirstEvents + 1, Events);
        if (isAnalyzed) await Data.ExecuteAsync("SELECT {schema}.analyze_tables()");

        foreach (var (call, least) in await CallsAsync(Events))
        {
            var rows = await RowsOfAsync(connection, call);
            Assert.True(rows >= least && rows <= RowsMax, $"{rows} rows are read by {call[..20]}");
        }
    }

    // Few streams are truncated until a rule is set for a category, and then many within a minute.
    [Theory]
    [InlineData("auto")]
    [InlineData("force_generic_plan")]
    public async Task A_plan_that_was_made_for_few_truncations_reads_no_more_of_many(string planCacheMode)
    {
        await Data.OpenAsync();
        await Data.ExecuteAsync("ALTER TABLE {schema}.truncations SET (autovacuum_enabled = false)");
        await FillAsync(1, FirstEvents);
        await Data.ExecuteAsync("DELETE FROM {schema}.truncations WHERE position > 3");
        await Data.ExecuteAsync("VACUUM {schema}.truncations");
        await Data.ExecuteAsync("SELECT {schema}.analyze_tables()");
        await using var connection = await Data.ConnectAsync();
        await RunAsync(connection, $"SET plan_cache_mode = {planCacheMode}");
        for (var warmUp = 0; warmUp < WarmUps; warmUp++)
        {
            foreach (var (call, _) in await CallsAsync(FirstEvents)) await RowsOfAsync(connection, call);
        }

        await Data.ExecuteAsync($$"""
            INSERT INTO {schema}.truncations (stream, position, version, unscrubbed)
            SELECT p * 64, p + 2, 2, p FROM generate_series({{FirstEvents}}, {{Events}}) p
            """);

        string[] names = ["read_first", "read_log", "read_filtered_log", "truncate_stream", "scrub", "write_snapshot"];
        foreach (var (call, _) in await CallsAsync(FirstEvents))
        {
            if (!names.Any(name => call.StartsWith(name, StringComparison.Ordinal))) continue;
            var rows = await RowsOfAsync(connection, call);
            Assert.True(rows <= RowsMax, $"{rows} rows are read by {call[..20]}");
        }
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("force_generic_plan")]
    public async Task A_page_of_a_filter_that_takes_everything_reads_no_more_than_its_events(string planCacheMode)
    {
        await Data.OpenAsync();
        await FillAsync(1, FirstEvents);
        await Data.ExecuteAsync("SELECT {schema}.analyze_tables()");
        await using var connection = await Data.ConnectAsync();
        await RunAsync(connection, $"SET plan_cache_mode = {planCacheMode}");
        const string call = "read_filtered_log(0, 100, 10, 1000, 1000000, ARRAY[''::bytea], NULL, '', NULL)";
        for (var warmUp = 0; warmUp < WarmUps; warmUp++) await RowsOfAsync(connection, call);

        Assert.InRange(await RowsOfAsync(connection, call), 10, 200);
    }

    [Fact]
    public async Task The_rows_of_a_young_store_are_counted_as_it_grows()
    {
        var store = await Data.OpenAsync();
        await Data.ExecuteAsync("ALTER TABLE {schema}.log SET (autovacuum_enabled = false)");
        for (var written = 0; written < TableStatistics.FirstEvents; written += 100)
        {
            Assert.Equal(-1, await CountedAsync());
            await CommitAsync(store, Data.Append("a", ExpectedVersion.Any, [.. Enumerable.Repeat("{}", 100)]));
        }

        await store.Statistics.Running;
        Assert.Equal(TableStatistics.FirstEvents, await CountedAsync());
    }

    private async Task<float> CountedAsync() =>
        await Data.ScalarAsync<float>("SELECT reltuples FROM pg_class WHERE oid = '{schema}.log'::regclass");

    private Task FillAsync(int first, int last) => Data.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $$"""
        INSERT INTO {schema}.log (partition, position, stream, version, prev, recorded, id, type, payload)
        SELECT 0, p, p * 64, 1, 0, now(), gen_random_uuid(), 1, '' FROM generate_series({{first}}, {{last}}) p;
        INSERT INTO {schema}.streams (stream, hash, category, key)
        SELECT p * 64, sha256(p::text::bytea), '', '' FROM generate_series({{first}}, {{last}}) p;
        INSERT INTO {schema}.heads (stream, version, position)
        SELECT p * 64, 1, p FROM generate_series({{first}}, {{last}}) p;
        INSERT INTO {schema}.clearings (stream, position, unscrubbed)
        SELECT p * 64, p + 1, p FROM generate_series({{first}}, {{last}}) p;
        INSERT INTO {schema}.truncations (stream, position, version, unscrubbed)
        SELECT p * 64, p + 2, 2, p FROM generate_series({{first}}, {{last}}) p;
        """));

    // Each with the rows that it has to read.
    private async Task<(string Call, long Least)[]> CallsAsync(int last)
    {
        var hashes = await Data.ScalarAsync<string>(
            "SELECT array_agg(s.hash)::text FROM (SELECT hash FROM {schema}.streams LIMIT 500) s");
        var absent = await Data.ScalarAsync<string>(
            "SELECT array_agg(sha256(('absent' || n)::bytea))::text FROM generate_series(1, 500) n");
        return
        [
            ($"find_streams('{hashes}')", 500),
            ($"has_stream('{absent}')", 0),
            ("read_addresses(0, 100, 1000)", 1000),
            ("read_log(0, 100, 1000, 1000000)", 1000),
            ("read_filtered_log(0, 100, 10, 1000, 1000000, '{a}', '{b}', '', NULL)", 1000),
            (string.Create(CultureInfo.InvariantCulture, $$"""
                append(0, {{last - 1000}}, 10000, 1000, 1, now(), '{64}', '{1}', '{{absent}}',
                  '{}', '{}', '{}', '{}', '{1}', '{1}', '{0}', '{1}', ARRAY[gen_random_uuid()], '{NULL}', '{NULL}',
                  '{a}', '{}', '{}', NULL)
                """), 1000),
            ("scrub(20, 1000000, 1)", 20),
            ("read_first(64, 0, 1000000)", 1),
            ("read_stream_page(0, 64000, 0, 64, 1, 1000, NULL, 1000000)", 1),
            ("truncate_stream(0, 1000, 64000, '', 1, 1000, now(), '', 0, '')", 1),
            ("read_streams(0, 1000, 1000, NULL)", 1000),
            ("read_streams(0, 1000, 1000, '{a}')", 1000),
            ("write_snapshot(sha256('1000'), 1, 1000000, now(), '', 0, '', 2)", 1),
        ];
    }

    // The rows that a call takes from the log and from what belongs to it, by whatever kind of scan; some scans count a
    // row more than once.
    private async Task<long> RowsOfAsync(NpgsqlConnection connection, string call)
    {
        await using var transaction = await connection.BeginTransactionAsync(Token);
        var before = await RowsAsync(connection);
        await RunAsync(connection, $"SELECT * FROM {Data.Schema}.{call}");
        return await RowsAsync(connection) - before;
    }

    private async Task<long> RowsAsync(NpgsqlConnection connection) => (long)(await RunAsync(connection, $"""
        SELECT sum(pg_stat_get_xact_tuples_returned(c.oid) + pg_stat_get_xact_tuples_fetched(c.oid))::bigint
        FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
        WHERE coalesce(i.indrelid, c.oid) IN (
          '{Data.Schema}.log'::regclass, '{Data.Schema}.streams'::regclass, '{Data.Schema}.heads'::regclass,
          '{Data.Schema}.clearings'::regclass, '{Data.Schema}.truncations'::regclass)
        """))!;

    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Token);
    }
}
