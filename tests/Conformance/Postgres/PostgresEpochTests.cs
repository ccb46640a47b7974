using static Granary.Tests.Conformance.Postgres.PostgresData;

namespace Granary.Tests.Conformance.Postgres;

/// <summary>In a new epoch of a partition nothing lands that belongs to an earlier one.</summary>
public sealed class PostgresEpochTests : PostgresTest
{
    private const int Partitions = 3;

    [Fact]
    public async Task Each_partition_begins_in_its_first_epoch_and_every_process_sees_the_next()
    {
        var (one, other) = (await OpenAsync(), await OpenAsync());
        Assert.Equal(1, await one.ReadEpochAsync(new(2), Token));

        Assert.Equal(2, await one.BeginEpochAsync(new(2), Token));
        Assert.Equal(3, await other.BeginEpochAsync(new(2), Token));

        Assert.Equal(3, await one.ReadEpochAsync(new(2), Token));
        Assert.Equal(1, await one.ReadEpochAsync(new(1), Token));
        await Data.CloseAsync();
        Assert.Equal(3, await (await OpenAsync()).ReadEpochAsync(new(2), Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_batch_of_another_epoch_is_refused_and_nothing_of_it_is_written(long epoch)
    {
        var store = await OpenAsync();
        var append = Data.Append("a", ExpectedVersion.Any, "{}");
        var partition = store.PartitionOf(append.Stream);
        await store.BeginEpochAsync(partition, Token);

        var stale = await Assert.ThrowsAsync<StaleEpochException>(
            () => store.CommitAsync(BatchOf(partition, append, epoch), Token).AsTask());

        Assert.Equal((partition, epoch, 2), (stale.Partition, stale.Epoch, stale.Current));
        Assert.Equal(default, (await store.ReadHeadAsync(append.Stream, Token)).Version);
    }

    // What would be written, and what is only looked up.
    [Fact]
    public async Task A_retry_and_a_refusal_are_of_an_epoch_too()
    {
        var store = await OpenAsync();
        var landed = Data.Append("a", ExpectedVersion.NoStream, "{}");
        await CommitAsync(store, landed);
        var partition = store.PartitionOf(landed.Stream);
        await store.BeginEpochAsync(partition, Token);
        var refused = Data.Append("a", ExpectedVersion.NoStream, "{}");

        foreach (var append in new[] { landed, refused })
            await Assert.ThrowsAsync<StaleEpochException>(
                () => store.CommitAsync(BatchOf(partition, append, epoch: 1), Token).AsTask());
    }

    [Fact]
    public async Task A_batch_of_the_epoch_and_one_of_none_are_committed()
    {
        var store = await OpenAsync();
        var first = Data.Append("a", ExpectedVersion.Any, "{}");
        var second = Data.Append("a", ExpectedVersion.Any, "{}");
        var partition = store.PartitionOf(first.Stream);
        await store.BeginEpochAsync(partition, Token);

        await store.CommitAsync(BatchOf(partition, first, epoch: 2), Token);
        await store.CommitAsync(BatchOf(partition, second, epoch: 0), Token);

        Assert.Equal(2, (await ReadAsync(store, "a")).Count);
    }

    [Fact]
    public async Task A_new_epoch_waits_for_the_commit_that_runs()
    {
        var store = await OpenAsync();
        await using var committing = await Data.ConnectAsync();
        await using var transaction = await committing.BeginTransactionAsync(Token);
        await using var locking = committing.CreateCommand();
        locking.CommandText = $"SELECT {Data.Schema}.lock_partition(0, 10000)";
        await locking.ExecuteNonQueryAsync(Token);

        var begun = store.BeginEpochAsync(new(0), Token).AsTask();
        while (await Data.ScalarAsync<long>(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
            + "AND classid = '{schema}.log'::regclass::oid") == 0)
        {
            Assert.False(begun.IsCompleted, "The epoch began beside a commit.");
        }

        await transaction.CommitAsync(Token);
        Assert.Equal(2, await begun);
    }

    [Fact]
    public async Task A_store_of_the_version_before_gets_epochs_and_keeps_its_events()
    {
        await CommitAsync(await OpenAsync(), Data.Append("a", ExpectedVersion.NoStream, "{}"));
        await Data.CloseAsync();
        await Data.ExecuteAsync(
            "DROP FUNCTION {schema}.begin_epoch, {schema}.read_epoch; DROP TABLE {schema}.epochs; "
            + "UPDATE {schema}.store SET version = 1");

        var store = await OpenAsync();
        await CommitAsync(store, Data.Append("a", ExpectedVersion.Exactly(new(1)), "{}"));

        Assert.Equal(2, (await ReadAsync(store, "a")).Count);
        Assert.Equal(2, await store.BeginEpochAsync(new(0), Token));
        await OpenAsync();
    }

    private static AppendBatch BatchOf(LogPartition partition, Append append, long epoch) =>
        new(partition, Noon, [append]) { Epoch = epoch };

    private Task<Granary.Storage.Postgres.PostgresEventStore> OpenAsync() =>
        Data.OpenAsync(static options => options.PartitionCount = Partitions);
}
