using System.Globalization;
using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>The index of streams is derived from the log, and what contradicts the log is reported.</summary>
public sealed class PostgresIndexTests : PostgresTest
{
    [Fact]
    public async Task What_is_flushed_leads_to_the_same_events_as_what_is_not()
    {
        var store = await Data.OpenAsync();
        await WriteAsync(store, 300);
        var before = (await ReadAsync(store, "long")).Select(static one => one.Position).ToList();
        Assert.Equal(0L, await IndexedAsync());

        await Data.CloseAsync();
        Assert.Equal(600L, await IndexedAsync());
        Assert.Equal(5L, await Data.ScalarAsync<long>(
            "SELECT count(*) FROM {schema}.marks WHERE version IN (1, 65, 129, 193, 257)") / 2);

        var after = await Data.OpenAsync();
        Assert.Equal(before, (await ReadAsync(after, "long")).Select(static one => one.Position));
        foreach (var version in (long[])[0, 1, 63, 64, 65, 128, 298, 299, 300])
        {
            var page = await after.ReadStreamForwardAsync(new("order", "long"), new(version), 2, Token);
            Assert.Equal(
                before.Skip((int)version).Take(2), page.Events.Select(static one => one.Position));
        }
    }

    [Fact]
    public async Task Silos_that_flush_the_same_events_write_the_same_index()
    {
        var (one, other) = (await Data.OpenAsync(), await Data.OpenAsync());
        await WriteAsync(one, 100);
        await WriteAsync(other, 100);
        await ReadAsync(one, "long");
        await Data.CloseAsync();

        Assert.Equal(400L, await IndexedAsync());
        Assert.Equal(0L, await Data.ScalarAsync<long>("""
            SELECT count(*) FROM {schema}.heads h WHERE h.position <>
              (SELECT max(l.position) FROM {schema}.log l WHERE l.stream = h.stream)
            """));
        Assert.Equal(200, (await ReadAsync(await Data.OpenAsync(), "long")).Count);
    }

    // Another silo may read between the two.
    [Fact]
    public async Task A_head_is_not_in_the_tables_before_the_marks_that_lead_to_its_stream()
    {
        var (one, other) = (await Data.OpenAsync(), await Data.OpenAsync());
        await CommitAsync(one, Data.Append("long", ExpectedVersion.NoStream, "1"));
        await one.Flush.FlushAsync(one.Partitions[0]);
        await ReadAsync(other, "long");
        await other.Flush.FlushAsync(other.Partitions[0]);
        await CommitAsync(one, Data.Clear("long"));
        await one.CommitAsync(Data.Append("long", ExpectedVersion.NoStream, "2"), Noon.AddHours(1), Token);
        await Data.ExecuteAsync("""
            CREATE FUNCTION {schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'disk_full'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON {schema}.marks FOR EACH ROW EXECUTE FUNCTION {schema}.refuse();
            """);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => one.Flush.FlushAsync(one.Partitions[0]));

        Assert.Equal(0L, await Data.ScalarAsync<long>("SELECT count(*) FROM {schema}.heads WHERE position > 1"));
        var head = await other.ReadHeadAsync(new StreamName("order", "long"), Token);
        Assert.Equal((1L, Noon.AddHours(1)), (head.Version.Value, head.Created));
    }

    // What is flushed while the tables are read is in neither: the next event would be put in the place of the last.
    [Fact]
    public async Task A_head_that_is_flushed_while_a_commit_looks_for_it_is_found()
    {
        var first = await Data.OpenAsync();
        await CommitAsync(first, Data.Append("other", ExpectedVersion.NoStream, "{}"));
        await CommitAsync(first, Data.Append("long", ExpectedVersion.NoStream, "1"));
        var store = await Data.OpenAsync();
        await Data.ExecuteAsync("""
            CREATE OR REPLACE FUNCTION {schema}.find_streams(p_hashes bytea[])
            RETURNS TABLE (hash bytea, stream bigint, version bigint, "position" bigint)
            LANGUAGE plpgsql STABLE AS $$
            BEGIN
              RETURN QUERY SELECT s.hash, s.stream, h.version, h.position
              FROM {schema}.streams s LEFT JOIN {schema}.heads h ON h.stream = s.stream
              WHERE s.hash = ANY (p_hashes);
              PERFORM pg_advisory_xact_lock_shared('{schema}.store'::regclass::oid::bigint);
            END $$;
            """);
        await first.Flush.FlushAsync(first.Partitions[0]);
        await CommitAsync(first, Data.Append("long", ExpectedVersion.Any, "2"));
        await ReadAsync(store, "other");

        Task<AppendResult> commit;
        await using (var holder = await Data.ConnectAsync())
        {
            await using var transaction = await holder.BeginTransactionAsync(Token);
            await using var hold = holder.CreateCommand();
            hold.CommandText = $"SELECT pg_advisory_xact_lock('{Data.Schema}.store'::regclass::oid::bigint)";
            await hold.ExecuteNonQueryAsync(Token);
            commit = CommitAsync(store, Data.Append("long", ExpectedVersion.Any, "3")).AsTask();
            while (await Data.ScalarAsync<long>("""
                SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                  AND objid = '{schema}.store'::regclass::oid
                """) == 0) Token.ThrowIfCancellationRequested();
            await store.Flush.FlushAsync(store.Partitions[0]);
        }

        Assert.Equal(3L, (await commit).Version.Value);
        Assert.Equal(3, (await ReadAsync(await Data.OpenAsync(), "long")).Count);
    }

    // One that does not answer would be waited for once for each partition.
    [Fact]
    public async Task A_store_that_closes_does_not_try_each_partition_on_a_server_that_fails()
    {
        var store = await Data.OpenAsync(static options => options.PartitionCount = 3);
        for (var at = 0; at < 30; at++)
        {
            var append = Data.Append($"a{at}", ExpectedVersion.NoStream, "{}");
            await store.CommitAsync(new AppendBatch(store.PartitionOf(append.Stream), Noon, [append]), Token);
        }

        await Data.ExecuteAsync("""
            CREATE SEQUENCE {schema}.tries;
            CREATE OR REPLACE FUNCTION {schema}.read_indexed(p_partition integer) RETURNS bigint LANGUAGE plpgsql AS $$
            BEGIN PERFORM nextval('{schema}.tries'); RAISE EXCEPTION 'refused' USING ERRCODE = 'disk_full'; END $$;
            """);
        await store.DisposeAsync();

        Assert.Equal(1L, await Data.ScalarAsync<long>("SELECT last_value FROM {schema}.tries"));
    }

    // What others have flushed need not be read again, however long this silo had nothing to do.
    [Fact]
    public async Task A_silo_that_was_idle_begins_again_with_the_tables()
    {
        var idle = await Data.OpenAsync();
        var other = await Data.OpenAsync();
        var texts = Enumerable.Repeat("{}", 5_000).ToArray();
        for (var at = 0; at < 6; at++) await CommitAsync(other, Data.Append("long", ExpectedVersion.Any, texts));
        await other.Flush.FlushAsync(other.Partitions[0]);
        await CommitAsync(other, Data.Append("long", ExpectedVersion.Any, "last"));

        // After the first page of the log, nothing that is flushed.
        await Data.ExecuteAsync("""
            CREATE OR REPLACE FUNCTION {schema}.read_addresses(p_partition integer, p_after bigint, p_limit integer)
            RETURNS TABLE (stream bigint, version bigint, "position" bigint) LANGUAGE plpgsql STABLE AS $$
            BEGIN
              IF p_after BETWEEN 1 AND 29999 THEN RAISE EXCEPTION 'flushed'; END IF;
              RETURN QUERY SELECT l.stream, l.version, l.position FROM {schema}.log l
              WHERE l.position > p_after AND l.position <= p_after + p_limit ORDER BY l.position;
            END $$;
            """);
        var page = await idle.ReadStreamForwardAsync(new("order", "long"), new(29_999), 10, Token);

        Assert.Equal([30_000L, 30_001L], page.Events.Select(static one => one.Version.Value));
        Assert.Equal(30_001L, (await idle.ReadHeadAsync(new("order", "long"), Token)).Version.Value);
    }

    [Theory]
    [InlineData("DELETE FROM {schema}.log WHERE version = 30 AND stream = 64")]
    [InlineData("UPDATE {schema}.log SET prev = prev - 1 WHERE version = 30 AND stream = 64")]
    [InlineData("UPDATE {schema}.log SET version = 31 WHERE version = 30 AND stream = 64")]
    [InlineData("UPDATE {schema}.log SET type = 99 WHERE version = 30 AND stream = 64")]
    [InlineData("DELETE FROM {schema}.heads")]
    [InlineData("UPDATE {schema}.heads SET version = version + 1")]
    [InlineData("UPDATE {schema}.marks SET position = position + 1 WHERE version = 65")]
    public async Task A_stream_whose_events_do_not_fit_together_is_not_read(string damage)
    {
        await WriteAsync(await Data.OpenAsync(), 100);
        await Data.CloseAsync();
        Assert.Equal(64L, await Data.ScalarAsync<long>("SELECT min(stream) FROM {schema}.log"));
        await Data.ExecuteAsync(damage);

        var store = await Data.OpenAsync();
        await Assert.ThrowsAsync<StoreCorruptException>(() => ReadAsync(store, "long"));
    }

    [Fact]
    public async Task A_position_that_is_missing_in_the_log_is_not_passed_over()
    {
        var store = await Data.OpenAsync();
        await WriteAsync(store, 10);
        await Data.ExecuteAsync("DELETE FROM {schema}.log WHERE position = 5");

        var first = await store.ReadLogAsync(default, LogFilter.All, 4, Token);
        Assert.Equal(4, first.Through.Value);
        await Assert.ThrowsAsync<StoreCorruptException>(
            () => store.ReadLogAsync(new(default, first.Through), LogFilter.All, 4, Token).AsTask());
    }

    private Task<long> IndexedAsync() => Data.ScalarAsync<long>("SELECT position FROM {schema}.indexed");

    // Two streams in turns, so that each event leads back over one of the other's.
    private async Task WriteAsync(IEventStore store, int each)
    {
        for (var at = 0; at < each; at++)
        {
            var text = at.ToString(CultureInfo.InvariantCulture);
            await store.CommitAsync(
                new AppendBatch(default, Noon, [
                    Data.Append("long", ExpectedVersion.Any, text), Data.Append("other", ExpectedVersion.Any, text)]),
                Token);
        }
    }
}
