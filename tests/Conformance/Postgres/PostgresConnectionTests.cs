using Granary.Storage.Postgres;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>How the store keeps its connections, to the server itself and through a pooler.</summary>
public sealed class PostgresConnectionTests : PostgresTest
{
    [Fact]
    public async Task Connections_that_the_server_has_ended_fail_no_read()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "{}"));
        var reads = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadAsync(store, "a")));
        Assert.All(reads, static read => Assert.Single(read));

        await Data.EndConnectionsAsync();

        Assert.Single(await ReadAsync(store, "a"));
        Assert.Equal(1, (await store.ReadLogAsync(default, LogFilter.All, 10, Token)).End.Value);
    }

    [Fact]
    public async Task A_server_that_fails_is_asked_once()
    {
        var store = await Data.OpenAsync();
        await Data.ExecuteAsync("""
            CREATE SEQUENCE {schema}.tries;
            CREATE OR REPLACE FUNCTION {schema}.read_ends(p_partition_count integer)
            RETURNS TABLE (partition integer, "position" bigint) LANGUAGE plpgsql AS $$
            BEGIN PERFORM nextval('{schema}.tries'); RAISE EXCEPTION 'refused' USING ERRCODE = 'disk_full'; END $$;
            """);

        var call = store.Database.Call("read_ends").With(1);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => call.ReadAsync(static _ => true, Token));

        Assert.Equal(1L, await Data.ScalarAsync<long>("SELECT last_value FROM {schema}.tries"));
    }

    // What is sent again could land twice.
    [Fact]
    public async Task A_commit_whose_connection_is_lost_is_sent_once()
    {
        var store = await Data.OpenAsync();
        await Data.ExecuteAsync("""
            CREATE SEQUENCE {schema}.tries;
            CREATE FUNCTION {schema}.cut() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM nextval('{schema}.tries'); PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
            CREATE TRIGGER cut BEFORE INSERT ON {schema}.log FOR EACH ROW EXECUTE FUNCTION {schema}.cut();
            """);

        var append = Data.Append("a", ExpectedVersion.NoStream, "{}");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, append).AsTask());

        Assert.Equal(1L, await Data.ScalarAsync<long>("SELECT last_value FROM {schema}.tries"));
    }

    [Fact]
    public async Task Calls_are_prepared_on_a_connection_to_the_server_itself()
    {
        var store = await Data.OpenAsync();
        for (var at = 0; at < 4; at++) await ReadAsync(store, "a");

        Assert.True(store.Database.IsDirect);
        Assert.True(await PreparedAsync(store) > 0);
    }

    [Theory]
    [InlineData("transaction")]
    [InlineData("session")]
    public async Task Behind_a_pooler_nothing_is_prepared_and_no_process_is_taken_for_ours(string mode)
    {
        Assert.SkipWhen(PgBouncer.SkipReason is not null, PgBouncer.SkipReason ?? "");
        using var pooler = new PgBouncer(mode);
        var store = await Data.OpenAsync(options => options.ConnectionString = pooler.ConnectionString);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ReadAsync(store, "a")));

        Assert.False(store.Database.IsDirect);
        Assert.Equal(0, await PreparedAsync(store));
        await Data.CloseAsync();
    }

    [Fact]
    public async Task What_a_pooler_does_not_carry_over_is_named()
    {
        Assert.SkipWhen(PgBouncer.SkipReason is not null, PgBouncer.SkipReason ?? "");
        using var pooler = new PgBouncer("transaction");
        var store = await Data.OpenAsync(
            options => options.ConnectionString = pooler.ConnectionString + ";Max Auto Prepare=10");

        // Several at once: they are given one another's connections to the server.
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
        {
            for (var round = 0; round < 1_000; round++)
                await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => ReadAsync(store, "a")));
        });

        Assert.Contains("'Max Auto Prepare'", fault.Message, StringComparison.Ordinal);
        await Data.CloseAsync();
    }

    // The driver's own time-out is 30 s.
    [Theory]
    [InlineData(600_000, "", 610)]
    [InlineData(5_000, "", 30)]
    [InlineData(600_000, ";Command Timeout=7", 7)]
    public async Task The_driver_waits_for_longer_than_the_lock_time_out(int lockTimeoutMs, string given, int expected)
    {
        await using var database = new PostgresDatabase(Data.Options(options =>
        {
            options.LockTimeoutMs = lockTimeoutMs;
            options.ConnectionString += given;
        }));

        Assert.Equal(expected, await database.UseAsync(
            static (connection, _) => Task.FromResult(connection.CommandTimeout), Token));
    }

    private static Task<int> PreparedAsync(PostgresEventStore store) => store.Database.UseAsync(
        static async (connection, token) =>
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT count(*)::integer FROM pg_prepared_statements";
            return (int)(await command.ExecuteScalarAsync(token))!;
        },
        Token);
}
