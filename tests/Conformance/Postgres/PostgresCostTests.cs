using System.Globalization;
using Npgsql;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>What a call reads does not grow with the log, whatever plan the server makes.</summary>
public sealed class PostgresCostTests : PostgresTest
{
    private const int Events = 60_000;
    private const int RowsMax = 20_000;

    // A new log has no statistics, and a plan may be made once for all arguments.
    [Theory]
    [InlineData("auto", false)]
    [InlineData("force_generic_plan", false)]
    [InlineData("auto", true)]
    [InlineData("force_generic_plan", true)]
    public async Task A_call_reads_a_bounded_number_of_rows(string planCacheMode, bool isAnalyzed)
    {
        await Data.OpenAsync();
        await Data.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $$"""
            ALTER TABLE {schema}.log SET (autovacuum_enabled = false);
            ALTER TABLE {schema}.streams SET (autovacuum_enabled = false);
            INSERT INTO {schema}.log (partition, position, stream, version, prev, recorded, id, type, payload)
            SELECT 0, p, p * 64, 1, 0, now(), gen_random_uuid(), 1, '' FROM generate_series(1, {{Events}}) p;
            INSERT INTO {schema}.streams (stream, hash, category, key)
            SELECT l.stream, sha256(l.stream::text::bytea), '', '' FROM {schema}.log l;
            INSERT INTO {schema}.heads (stream, version, position) SELECT l.stream, 1, l.position FROM {schema}.log l;
            INSERT INTO {schema}.clearings (stream, position, unscrubbed)
            SELECT l.stream, l.position + 1, l.position FROM {schema}.log l;
            """));
        if (isAnalyzed)
            await Data.ExecuteAsync("ANALYZE {schema}.log, {schema}.streams, {schema}.heads, {schema}.clearings");
        var hashes = await Data.ScalarAsync<string>(
            "SELECT array_agg(s.hash)::text FROM (SELECT hash FROM {schema}.streams LIMIT 500) s");
        await using var connection = await Data.ConnectAsync();
        await RunAsync(connection, $"SET plan_cache_mode = {planCacheMode}");

        Assert.InRange(await RowsOfAsync(connection, $"find_streams('{hashes}')"), 500, RowsMax);
        Assert.InRange(await RowsOfAsync(connection, "read_addresses(0, 100, 1000)"), 1000, RowsMax);
        Assert.InRange(await RowsOfAsync(connection, "read_log(0, 100, 1000, 1000000)"), 1000, RowsMax);
        Assert.InRange(
            await RowsOfAsync(connection, "read_filtered_log(0, 100, 10, 1000, 1000000, '{a}', '{b}', '')"), 1000,
            RowsMax);
        Assert.InRange(
            await RowsOfAsync(connection, string.Create(CultureInfo.InvariantCulture, $$"""
                append(0, {{Events - 1000}}, 10000, 1000, 1, now(), '{64}', '{1}',
                  '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')
                """)), 1000, RowsMax);
        var absent = await Data.ScalarAsync<string>(
            "SELECT array_agg(sha256(('absent' || n)::bytea))::text FROM generate_series(1, 500) n");
        Assert.InRange(
            await RowsOfAsync(connection, string.Create(CultureInfo.InvariantCulture, $$"""
                append(0, {{Events}}, 10000, 1000, 1, now(), '{}', '{}', '{{absent}}',
                  '{}', '{}', '{}', '{}', '{1}', '{1}', '{0}', '{1}', ARRAY[gen_random_uuid()], '{NULL}', '{NULL}',
                  '{a}', '{}', '{}')
                """)), 1, RowsMax);
        Assert.InRange(await RowsOfAsync(connection, "scrub(20, 1000000, 1)"), 20, RowsMax);
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
          '{Data.Schema}.log'::regclass, '{Data.Schema}.streams'::regclass, '{Data.Schema}.clearings'::regclass)
        """))!;

    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Token);
    }
}
