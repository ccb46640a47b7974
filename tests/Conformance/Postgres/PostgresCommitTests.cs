using Granary.Storage.Postgres;
using Microsoft.Extensions.Time.Testing;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>What a commit answers where the server, the connection or another silo comes between.</summary>
public sealed class PostgresCommitTests : PostgresTest
{
    // The row with the answer comes before the server has committed.
    [Fact]
    public async Task A_commit_that_fails_at_its_very_end_is_not_answered()
    {
        var store = await Data.OpenAsync();
        await Data.ExecuteAsync("""
            CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'disk_full'; END $$;
            CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON {schema}.log DEFERRABLE INITIALLY DEFERRED
              FOR EACH ROW EXECUTE FUNCTION {schema}.refuse();
            """);
        var append = Data.Append("a", ExpectedVersion.NoStream, "{}");
        var batch = new AppendBatch(default, Noon, [append]);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CommitAsync(batch, Token).AsTask());
        Assert.Equal(AppendOutcome.None, batch.Results[0].Outcome);
        Assert.Empty(await ReadAsync(store, "a"));

        await Data.ExecuteAsync("DROP TRIGGER refuse ON {schema}.log");
        Assert.Equal(AppendOutcome.Appended, (await CommitAsync(store, append)).Outcome);
    }

    [Fact]
    public async Task A_connection_that_is_lost_in_a_commit_leaves_an_append_that_can_be_sent_again()
    {
        var store = await Data.OpenAsync();
        await Data.ExecuteAsync("""
            CREATE FUNCTION {schema}.cut() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
            CREATE TRIGGER cut BEFORE INSERT ON {schema}.log FOR EACH ROW EXECUTE FUNCTION {schema}.cut();
            """);
        var append = Data.Append("a", ExpectedVersion.NoStream, "{}");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, append).AsTask());

        await Data.ExecuteAsync("DROP TRIGGER cut ON {schema}.log");
        Assert.Equal(AppendOutcome.Appended, (await CommitAsync(store, append)).Outcome);
        Assert.Equal(AppendOutcome.AlreadyAppended, (await CommitAsync(store, append)).Outcome);
        Assert.Single(await ReadAsync(store, "a"));
    }

    [Fact]
    public async Task A_commit_waits_for_the_partition_no_longer_than_the_lock_time_out()
    {
        var store = await Data.OpenAsync(static options => options.LockTimeoutMs = 50);
        var append = Data.Append("a", ExpectedVersion.NoStream, "{}");
        await using (var other = await Data.ConnectAsync())
        {
            await using var transaction = await other.BeginTransactionAsync(Token);
            await using var command = other.CreateCommand();
            command.CommandText = $"SELECT pg_advisory_xact_lock('{Data.Schema}.log'::regclass::oid::integer, 0)";
            await command.ExecuteNonQueryAsync(Token);
            var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(store, append).AsTask());
            Assert.Contains("lock time-out", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(AppendOutcome.Appended, (await CommitAsync(store, append)).Outcome);
    }

    [Theory]
    [InlineData("off", "on")]
    [InlineData("local", "on")]
    [InlineData("remote_apply", "remote_apply")]
    public async Task A_commit_is_durable_whatever_the_server_is_set_to(string setting, string found) =>
        Assert.Equal(found, await SyncOfInsertAsync("log", setting));

    // A process keeps the number of a type for as long as it runs: after a crash of the server it has to be there.
    [Theory]
    [InlineData("off", "on")]
    [InlineData("remote_apply", "remote_apply")]
    public async Task A_type_is_durable_before_its_number_is_used(string setting, string found) =>
        Assert.Equal(found, await SyncOfInsertAsync("types", setting));

    // What a deleted checkpoint held back is truncated soon after.
    [Theory]
    [InlineData("off", "on on")]
    [InlineData("remote_apply", "remote_apply remote_apply")]
    public async Task A_checkpoint_is_durable_where_it_stands_and_where_it_is_deleted(string setting, string found)
    {
        var store = await OpenSeenAsync("checkpoints", "UPDATE OR DELETE", setting);
        var checkpoints = new PostgresCheckpointStore(store);
        await checkpoints.AdvanceAsync(new CheckpointAdvance("reader", default, default, new(1), 1), Token);
        await checkpoints.DeleteAsync("reader", Token);
        Assert.Equal(found, await Data.ScalarAsync<string>("SELECT string_agg(value, ' ') FROM {schema}.seen"));
    }

    // The server may get what was sent on a lost connection later: its process is idle until then.
    [Fact]
    public async Task The_process_of_a_lost_connection_is_ended_also_where_the_commit_has_not_arrived()
    {
        await Data.OpenAsync();
        await using var lost = await Data.ConnectAsync();

        Assert.True(await Data.ScalarAsync<bool>($"SELECT {{schema}}.end_commit({lost.ProcessID}, 0, 1000)"));

        Assert.Equal(0L, await Data.ScalarAsync<long>(
            $"SELECT count(*) FROM pg_stat_activity WHERE pid = {lost.ProcessID}"));
    }

    // A pooler's numbers of processes are not the server's.
    [Fact]
    public async Task What_may_still_hold_the_partition_is_waited_for_where_the_process_is_not_found()
    {
        await Data.OpenAsync();
        await using var other = await Data.ConnectAsync();
        await using var transaction = await other.BeginTransactionAsync(Token);
        await using var command = other.CreateCommand();
        command.CommandText = $"SELECT pg_advisory_xact_lock('{Data.Schema}.log'::regclass::oid::integer, 0)";
        await command.ExecuteNonQueryAsync(Token);

        var error = await Assert.ThrowsAsync<Npgsql.PostgresException>(
            () => Data.ScalarAsync<bool>("SELECT {schema}.end_commit(-1, 0, 10)"));

        Assert.Equal(Npgsql.PostgresErrorCodes.LockNotAvailable, error.SqlState);
    }

    [Fact]
    public async Task A_log_that_is_shorter_than_it_was_is_not_written_to()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2"));
        await Data.ExecuteAsync("DELETE FROM {schema}.log WHERE position = 2");

        var append = Data.Append("b", ExpectedVersion.NoStream, "{}");
        await Assert.ThrowsAsync<StoreCorruptException>(() => CommitAsync(store, append).AsTask());
        Assert.Equal(1L, await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.log"));
    }

    // More than the server looks through itself, so that the process has to catch up.
    [Theory]
    [InlineData(1)]
    [InlineData(10_001)]
    public async Task A_process_that_lags_appends_after_what_others_have_appended(int events)
    {
        var (store, other) = (await Data.OpenAsync(), await Data.OpenAsync());
        await CommitAsync(store, Data.Append("mine", ExpectedVersion.NoStream, "1"));
        await CommitAsync(other, Data.Append("shared", ExpectedVersion.NoStream, "1"));
        for (var written = 0; written < events; written += 5_000)
        {
            var texts = Enumerable.Repeat("{}", Math.Min(5_000, events - written)).ToArray();
            await CommitAsync(other, Data.Append("theirs", ExpectedVersion.Any, texts));
        }

        var mine = await CommitAsync(store, Data.Append("mine", ExpectedVersion.Exactly(new(1)), "2"));
        var shared = await CommitAsync(store, Data.Append("shared", ExpectedVersion.Exactly(new(1)), "2"));
        var refused = await CommitAsync(store, Data.Append("theirs", ExpectedVersion.NoStream, "1"));

        Assert.Equal((AppendOutcome.Appended, events + 3L), (mine.Outcome, mine.Position.Position.Value));
        Assert.Equal((AppendOutcome.Appended, 2), (shared.Outcome, shared.Version.Value));
        Assert.Equal((AppendOutcome.Conflict, events), (refused.Outcome, refused.Version.Value));
        Assert.Equal(["1", "2"], (await ReadAsync(other, "mine")).Select(TextOf));
    }

    // Where the plan holds though the log has grown, its positions are later than they were planned.
    [Fact]
    public async Task A_position_that_is_expected_within_a_batch_is_the_one_that_it_gets()
    {
        var (store, other) = (await Data.OpenAsync(), await Data.OpenAsync());
        await CommitAsync(store, Data.Append("mine", ExpectedVersion.NoStream, "1"));
        await CommitAsync(other, Data.Append("theirs", ExpectedVersion.NoStream, "1"));
        var guess = ExpectedVersion.Exactly(new(2), new(2));
        var batch = new AppendBatch(default, Noon,
        [
            Data.Append("mine", ExpectedVersion.Exactly(new(1)), "2"),
            Data.Append("mine", guess, "3"),
        ]);

        await store.CommitAsync(batch, Token);

        Assert.Equal(3, batch.Results[0].Position.Position.Value);
        Assert.Equal(AppendOutcome.Conflict, batch.Results[1].Outcome);
    }

    [Fact]
    public async Task A_stream_is_cleared_and_written_again_in_one_batch()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2"));
        var batch = new AppendBatch(default, Noon,
            [Data.Clear("a"), Data.Append("a", ExpectedVersion.NoStream, "3"), Data.Clear("a")]);

        await store.CommitAsync(batch, Token);

        Assert.All(batch.Results, static one => Assert.Equal(AppendOutcome.Appended, one.Outcome));
        Assert.Equal([3L, 4L, 5L], batch.Results.Select(static one => one.Position.Position.Value));
        Assert.Empty(await ReadAsync(store, "a"));
    }

    // Another process is always faster: it appends to the stream whenever this one has looked.
    [Fact]
    public async Task A_process_that_is_always_too_late_gets_its_turn()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1"));
        await Data.ExecuteAsync("""
            CREATE OR REPLACE FUNCTION {schema}.find_append(
              p_partition integer, p_stream bigint, p_position bigint, p_append_id uuid, p_count bigint)
            RETURNS TABLE (version bigint, "position" bigint, recorded timestamptz) LANGUAGE plpgsql AS $$
            BEGIN
              IF pg_try_advisory_xact_lock('{schema}.log'::regclass::oid::integer, p_partition) THEN
                INSERT INTO {schema}.log (partition, position, stream, version, prev, recorded, id, type, payload)
                SELECT l.partition, l.position + 1, l.stream, l.version + 1, l.position, l.recorded, gen_random_uuid(),
                  l.type, l.payload FROM {schema}.log l ORDER BY l.position DESC LIMIT 1;
              END IF;
            END $$;
            """);

        var late = await CommitAsync(store, Data.Append("a", ExpectedVersion.Any, "2"));

        Assert.Equal(AppendOutcome.Appended, late.Outcome);
        var read = await ReadAsync(await Data.OpenAsync(), "a");
        Assert.Equal(Enumerable.Range(1, read.Count), read.Select(static one => (int)one.Version.Value));
        Assert.Equal(late.Position, read[^1].Position);
    }

    // Nothing else may wake them: the clock stands still, and through a pooler no notice is listened to. A listener
    // looks at the log when it begins, and may find what the other process appended first.
    [Fact]
    public async Task What_a_process_that_lags_appends_wakes_those_who_wait_in_it()
    {
        var (store, other) = (Data.Make(time: new FakeTimeProvider()), await Data.OpenAsync());
        await store.InitializeAsync(Token);
        store.Database.IsDirect = false;
        await CommitAsync(other, Data.Append("theirs", ExpectedVersion.NoStream, "1"));
        var waits = store.WaitAsync(default, Token).AsTask();

        await CommitAsync(store, Data.Append("mine", ExpectedVersion.NoStream, "1"));

        Assert.Equal(2, (await waits.WaitAsync(TimeSpan.FromSeconds(20), Token)).Value);
    }

    [Fact]
    public async Task Every_commit_ends_where_the_store_is_closed_meanwhile()
    {
        var store = await Data.OpenAsync();
        var commits = Enumerable.Range(0, 20)
            .Select(at => Data.Append($"a{at}", ExpectedVersion.NoStream, "{}"))
            .Select(append => CommitAsync(store, append).AsTask()).ToArray();

        await store.DisposeAsync();

        foreach (var commit in commits)
        {
            var error = await Record.ExceptionAsync(() => commit.WaitAsync(TimeSpan.FromSeconds(20), Token));
            Assert.True(error is null or ObjectDisposedException, error?.ToString());
        }

        var stored = await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.log");
        Assert.Equal(commits.Count(static one => one.IsCompletedSuccessfully), stored);
    }

    private static string TextOf(RecordedEvent recorded) => System.Text.Encoding.UTF8.GetString(recorded.Payload.Span);

    private async Task<string> SyncOfInsertAsync(string table, string setting)
    {
        var store = await OpenSeenAsync(table, "INSERT", setting);
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "{}"));
        return await Data.ScalarAsync<string>("SELECT value FROM {schema}.seen");
    }

    // A transaction that changes a table notes what it has as synchronous_commit, where the server is set to something.
    private async Task<PostgresEventStore> OpenSeenAsync(string table, string change, string setting)
    {
        var store = await Data.OpenAsync(options =>
            options.ConnectionString += $";Options=-c synchronous_commit={setting}");
        await Data.ExecuteAsync($$"""
            CREATE TABLE {schema}.seen (value text);
            CREATE FUNCTION {schema}.see() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN INSERT INTO {schema}.seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
            CREATE TRIGGER see AFTER {{change}} ON {schema}.{{table}} FOR EACH ROW EXECUTE FUNCTION {schema}.see();
            """);
        return store;
    }
}
