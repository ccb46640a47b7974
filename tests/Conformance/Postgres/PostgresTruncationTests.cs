using System.Text;
using Granary.Storage.Postgres;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>A truncation beside what other processes do to the stream and to the log.</summary>
public sealed class PostgresTruncationTests : PostgresTest
{
    private const string Lock = "SELECT pg_advisory_xact_lock('{schema}.log'::regclass::oid::integer, 0);";

    private static readonly StreamName Stream = new("order", "a");

    [Fact]
    public async Task It_waits_for_the_partition_no_longer_than_the_lock_time_out()
    {
        var store = await Data.OpenAsync(static options => options.LockTimeoutMs = 50);
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2"));
        await using (await HoldAsync(Lock))
        {
            var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => TruncateAsync(store, 2).AsTask());
            Assert.Contains("lock time-out", fault.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, await FirstAsync(store));
        Assert.True(await TruncateAsync(store, 2));
    }

    // What is cleared while it waits is not the generation that it was made for.
    [Fact]
    public async Task A_clearing_that_comes_first_makes_it_void()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2"));
        Task<bool> truncation;
        await using (var clearing = await HoldAsync(Lock + """
            INSERT INTO {schema}.log (partition, position, stream, version, prev, recorded, id, type, payload)
            SELECT 0, 3, stream, 0, 2, recorded, gen_random_uuid(), type, '' FROM {schema}.log WHERE position = 2;
            INSERT INTO {schema}.clearings SELECT stream, 3, 2 FROM {schema}.log WHERE position = 2;
            """))
        {
            truncation = TruncateAsync(store, 2).AsTask();
            await WaitForLockAsync(truncation);
            await clearing.CommitAsync();
        }

        Assert.False(await truncation);
        Assert.Equal(0L, await CountAsync("truncations"));
    }

    [Fact]
    public async Task Of_two_at_once_the_later_version_stays()
    {
        var (one, other) = (await Data.OpenAsync(), await Data.OpenAsync());
        await CommitAsync(one, Data.Append("a", ExpectedVersion.NoStream, "1", "2", "3", "4"));
        Task<bool>[] both;
        await using (await HoldAsync(Lock))
        {
            both = [TruncateAsync(one, 4).AsTask(), TruncateAsync(other, 3).AsTask()];
            await WaitForLockAsync(both);
        }

        Assert.All(await Task.WhenAll(both), Assert.True);
        Assert.Equal(4, await FirstAsync(one));
        Assert.Equal(4, await FirstAsync(other));
    }

    // It checks that it is not late before it is written: one of the two has to wait for the other.
    [Fact]
    public async Task A_snapshot_that_is_written_meanwhile_goes()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2", "3"));
        Task<bool> truncation;
        await using (var snapshot = await HoldAsync(WriteSnapshot("2, 2")))
        {
            truncation = TruncateAsync(store, 3).AsTask();
            await WaitForLockAsync(truncation);
            await snapshot.CommitAsync();
        }

        Assert.True(await truncation);
        Assert.Equal(0L, await CountAsync("snapshots"));
        await Data.ExecuteAsync(WriteSnapshot("2, 2") + WriteSnapshot("3, 3"));
        Assert.Equal(3L, await Data.ScalarAsync<long>("SELECT min(version) FROM {schema}.snapshots"));
    }

    [Fact]
    public async Task Its_snapshot_takes_the_place_of_one_that_is_written_meanwhile()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2", "3"));
        Task<bool> truncation;
        await using (var snapshot = await HoldAsync(WriteSnapshot("2, 2") + WriteSnapshot("3, 3")))
        {
            truncation = TruncateAsync(store, 2, "base").AsTask();
            await WaitForLockAsync(truncation);
            await snapshot.CommitAsync();
        }

        Assert.True(await truncation);
        Assert.Equal("2 base, 3 p", await SnapshotsAsync());
    }

    [Fact]
    public async Task A_snapshot_that_waited_for_it_does_not_replace_that_of_the_event_that_stays()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2", "3"));
        Task write;
        await using (var truncation = await HoldAsync("""
            SELECT {schema}.truncate_stream(0, 5000, stream, hash, 2, 2, now(), 'f', 0, 'base') FROM {schema}.streams
            """))
        {
            write = new PostgresSnapshotStore(store).WriteSnapshotAsync(SnapshotOf(2, "late"), Token).AsTask();
            await WaitForLockAsync("write_snapshot", write);
            await truncation.CommitAsync();
        }

        await write;
        Assert.Equal("2 base", await SnapshotsAsync());
    }

    [Fact]
    public async Task It_and_its_snapshot_are_kept_together_or_not_at_all()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2", "3"));
        await Data.ExecuteAsync(WriteSnapshot("1, 1") + WriteSnapshot("2, 2") + """
            CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'disk_full'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON {schema}.snapshots FOR EACH ROW EXECUTE FUNCTION {schema}.refuse();
            """);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => TruncateAsync(store, 2, "base").AsTask());
        Assert.Equal((1, "1 p, 2 p"), (await FirstAsync(store), await SnapshotsAsync()));

        await Data.ExecuteAsync("DROP TRIGGER refuse ON {schema}.snapshots");
        Assert.True(await TruncateAsync(store, 2, "base"));
        Assert.Equal((2, "2 base"), (await FirstAsync(store), await SnapshotsAsync()));
    }

    // The row of the truncation stays until the clearing is scrubbed.
    [Fact]
    public async Task After_a_clearing_a_snapshot_of_its_version_is_replaced_and_dropped_as_any()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2"));
        await TruncateAsync(store, 2, "base");
        await CommitAsync(store, Data.Clear("a"));
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2", "3", "4"));
        var snapshots = new PostgresSnapshotStore(store);
        await snapshots.WriteSnapshotAsync(SnapshotOf(2, "first", position: 5), Token);
        await snapshots.WriteSnapshotAsync(SnapshotOf(2, "second", position: 5), Token);
        Assert.Equal("2 second", await SnapshotsAsync());

        await Data.ExecuteAsync(WriteSnapshot("3, 6") + WriteSnapshot("4, 7"));
        Assert.Equal("3 p, 4 p", await SnapshotsAsync());
    }

    [Fact]
    public async Task A_read_that_it_overtakes_ends_with_the_error()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, [.. Enumerable.Repeat("{}", 1_000)]));
        await using var read = store.ReadStreamAsync(Stream, default, Token).GetAsyncEnumerator(Token);
        Assert.True(await read.MoveNextAsync());
        await TruncateAsync(await Data.OpenAsync(), 900);

        var last = read.Current.Version.Value;
        var fault = await Assert.ThrowsAsync<StreamTruncatedException>(async () =>
        {
            for (; await read.MoveNextAsync(); last++) Assert.Equal(last + 1, read.Current.Version.Value);
        });

        Assert.InRange(last, 1, 898);
        Assert.Equal((Stream, last + 1, 900), (fault.Stream, fault.Requested.Value, fault.First.Value));
    }

    // The process does not know the event yet that the stream begins with.
    [Fact]
    public async Task A_head_is_never_before_the_first_event()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2"));
        await Data.ExecuteAsync("""
            CREATE OR REPLACE FUNCTION {schema}.read_first(p_stream bigint, p_cleared bigint, p_end bigint)
            RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
            BEGIN
              IF NOT EXISTS (SELECT FROM {schema}.truncations) THEN
                INSERT INTO {schema}.log (partition, position, stream, version, prev, recorded, id, type, payload)
                SELECT 0, 3, p_stream, 3, 2, l.recorded, gen_random_uuid(), l.type, ''
                FROM {schema}.log l WHERE l.position = 2;
                INSERT INTO {schema}.truncations VALUES (p_stream, 3, 3, 2);
              END IF;
              RETURN (SELECT version FROM {schema}.truncations);
            END $$;
            """);

        var head = await store.ReadHeadAsync(Stream, Token);

        Assert.Equal((3, 3), (head.Version.Value, head.First.Value));
    }

    [Fact]
    public async Task A_stream_that_begins_after_its_end_is_damaged()
    {
        var store = await Data.OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2"));
        await Data.ExecuteAsync("INSERT INTO {schema}.truncations SELECT stream, 9, 9, 0 FROM {schema}.streams");

        var fault = await Assert.ThrowsAsync<StoreCorruptException>(() => FirstAsync(store));
        Assert.Contains("version 9 of stream order/a", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("off", "on")]
    [InlineData("remote_apply", "remote_apply")]
    public async Task It_is_durable_whatever_the_server_is_set_to(string setting, string found)
    {
        var store = await Data.OpenAsync(options =>
            options.ConnectionString += $";Options=-c synchronous_commit={setting}");
        await CommitAsync(store, Data.Append("a", ExpectedVersion.NoStream, "1", "2"));
        await Data.ExecuteAsync("""
            CREATE TABLE {schema}.seen (value text);
            CREATE FUNCTION {schema}.see() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN INSERT INTO {schema}.seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
            CREATE TRIGGER see AFTER INSERT ON {schema}.truncations FOR EACH ROW EXECUTE FUNCTION {schema}.see();
            """);
        await TruncateAsync(store, 2);
        Assert.Equal(found, await Data.ScalarAsync<string>("SELECT value FROM {schema}.seen"));
    }

    [Fact]
    public async Task It_belongs_to_no_epoch_and_disturbs_no_commit_of_one()
    {
        var (store, appender) = (await Data.OpenAsync(), await Data.OpenAsync());
        await CommitAsync(appender, Data.Append("a", ExpectedVersion.NoStream, "1", "2"));
        var epoch = await appender.BeginEpochAsync(default, Token);

        Assert.True(await TruncateAsync(store, 2));

        var batch = new AppendBatch(default, Noon, [Data.Append("a", ExpectedVersion.Exactly(new(2), new(2)), "3")])
        {
            Epoch = epoch,
        };
        await appender.CommitAsync(batch, Token);
        Assert.Equal((AppendOutcome.Appended, 3), (batch.Results[0].Outcome, batch.Results[0].Version.Value));
    }

    private static ValueTask<bool> TruncateAsync(PostgresEventStore store, long before, string? state = null) =>
        store.TruncateAsync(
            new Truncation(
                Stream, new(before), new(default, new(before)), state is null ? null : SnapshotOf(before, state)),
            Token);

    private static Snapshot SnapshotOf(long version, string state, long? position = null) => new()
    {
        Stream = Stream,
        Version = new(version),
        Position = new(default, new(position ?? version)),
        Timestamp = Noon,
        Fingerprint = "f",
        Checksum = 1,
        Payload = Encoding.UTF8.GetBytes(state),
    };

    private static async Task<long> FirstAsync(PostgresEventStore store) =>
        (await store.ReadHeadAsync(Stream, Token)).First.Value;

    private static string WriteSnapshot(string versionAndPosition) => $$"""
        SELECT {schema}.write_snapshot(
          (SELECT hash FROM {schema}.streams), {{versionAndPosition}}, now(), 'f', 0, 'p', 2);
        """;

    private Task<long> CountAsync(string table) => Data.ScalarAsync<long>($"SELECT count(*) FROM {{schema}}.{table}");

    private Task<string> SnapshotsAsync() => Data.ScalarAsync<string>("""
        SELECT string_agg(version || ' ' || convert_from(payload, 'UTF8'), ', ' ORDER BY version)
        FROM {schema}.snapshots
        """);

    private Task WaitForLockAsync(params Task[] truncations) => WaitForLockAsync("truncate_stream", truncations);

    private async Task WaitForLockAsync(string function, params Task[] calls)
    {
        while (await Data.ScalarAsync<long>($"""
            SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND NOT l.granted AND a.query LIKE '%{Data.Schema}.{function}%'
            """) < calls.Length) Assert.All(calls, static one => Assert.False(one.IsCompleted));
    }

    private async Task<HeldTransaction> HoldAsync(string sql) => await HeldTransaction.BeginAsync(
        await Data.ConnectAsync(), sql.Replace("{schema}", Data.Schema, StringComparison.Ordinal));
}
