using System.Text;

namespace Granary.Testing.Conformance.Grains;

/// <summary>What a grain may rely on when its events are removed.</summary>
public abstract class RetentionConformance<TStore> : GrainConformance<TStore>
    where TStore : TestStore, new()
{
    [Fact]
    public async Task A_truncated_grain_keeps_its_state_and_its_version_also_after_a_restart()
    {
        var counter = Counter("kept");
        await AddOneToAsync(counter, 10);

        Assert.Equal(new TruncateAnswer(new(6)), await RetentionOf(counter).Truncate(new(6)));

        Assert.Equal((6, 10), await HeadAsync("kept"));
        Assert.Equal((55, 10), await ViewAsync(counter));
        await counter.Leave();
        Assert.Equal((55, 10), await ViewAsync(counter));
        Assert.Equal(11, await counter.Add(100));
        await Assert.ThrowsAsync<StreamTruncatedException>(() => StoredAsync(CounterStream("kept")));
    }

    [Fact]
    public async Task A_grain_that_was_truncated_at_its_head_goes_on_from_there()
    {
        var counter = Counter("head");
        await AddOneToAsync(counter, 4);
        await RetentionOf(counter).Truncate(new(4));
        await counter.Leave();

        Assert.Equal((10, 4), await ViewAsync(counter));
        Assert.Equal(5, await counter.Add(5));
        await RetentionOf(counter).Truncate(new(5));
        await counter.Leave();
        Assert.Equal((15, 5), await ViewAsync(counter));
    }

    [Fact]
    public async Task States_from_the_first_event_on_are_answered_and_earlier_ones_are_an_error()
    {
        var counter = Counter("states");
        await AddOneToAsync(counter, 8);
        await RetentionOf(counter).Truncate(new(4));
        await RetentionOf(counter).Truncate(new(5));
        var history = counter.AsReference<IHistoryExtension>();

        for (var version = 5; version <= 8; version++)
        {
            var view = await history.ReadStateAtVersion(new(version));
            Assert.Equal($$"""{"total":{{version * (version + 1) / 2}}}""", Encoding.UTF8.GetString(view.Json));
        }

        for (var version = 1; version <= 4; version++)
        {
            var fault = await Assert.ThrowsAsync<StreamTruncatedException>(
                () => history.ReadStateAtVersion(new(version)));
            Assert.Equal((version, 5), (fault.Requested.Value, fault.First.Value));
            await Assert.ThrowsAsync<StreamTruncatedException>(
                () => history.ReadEvents(new(version - 1), 10, ReadDirection.Forward));
        }

        Assert.Equal("""{"total":0}""", Encoding.UTF8.GetString((await history.ReadStateAtVersion(default)).Json));
        Assert.Equal(
            [8, 7, 6, 5],
            (await history.ReadEvents(new(long.MaxValue), 10, ReadDirection.Backward)).Events
                .Select(static one => one.Version.Value));
    }

    [Fact]
    public async Task A_state_as_of_an_instant_before_the_first_event_that_is_left_is_an_error()
    {
        var counter = Counter("instants");
        await AddOneToAsync(counter, 3);
        var log = await StoredAsync(CounterStream("instants"));
        await RetentionOf(counter).Truncate(new(3));
        var history = counter.AsReference<IHistoryExtension>();

        Assert.Equal(3, (await history.ReadStateAtInstant(log[2].Timestamp)).Version.Value);
        if (log[1].Timestamp < log[2].Timestamp)
            await Assert.ThrowsAsync<StreamTruncatedException>(() => history.ReadStateAtInstant(log[1].Timestamp));
        Assert.Equal(0, (await history.ReadStateAtInstant(log[0].Timestamp.AddSeconds(-1))).Version.Value);
    }

    [Fact]
    public async Task What_a_grain_keeps_of_its_commands_is_kept()
    {
        var till = Cluster.Client.GetGrain<ITillGrain>("commands");
        var first = await till.Put("a", 5);
        for (var at = 0; at < 5; at++) await till.Put($"b{at}", 1);
        await till.AsReference<IRetentionExtension>().Truncate(new(4));
        await till.Leave();

        Assert.Equal(first, await till.Put("a", 5));
        Assert.Equal(new TillAnswer(true, 10, 6), await till.Content());
    }

    [Fact]
    public async Task An_activation_that_lags_behind_what_was_removed_goes_on()
    {
        var here = Counter("lags");
        await AddOneToAsync(here, 2);
        var elsewhere = (await StartClusterAsync()).Client.GetGrain<ICounterGrain>("lags");
        for (var amount = 3; amount <= 9; amount++) await elsewhere.Add(amount);
        await RetentionOf(elsewhere).Truncate(new(8));

        Assert.Equal(10, await here.Add(10));
        Assert.Equal((55, 10), await ViewAsync(here));
        Assert.Equal(55, (await elsewhere.Refresh()).Total);
    }

    [Fact]
    public async Task What_a_reader_of_the_log_has_not_passed_stays()
    {
        var counter = Counter("held");
        await AddOneToAsync(counter, 8);
        var log = await StoredAsync(CounterStream("held"));
        var (partition, passed) = (log[0].Position.Partition, log[2].Position.Position);
        await Checkpoints.AdvanceAsync(new("held", partition, default, passed, 0), Token);
        await Checkpoints.AdvanceAsync(new("ahead", partition, default, new(long.MaxValue), 0), Token);
        try
        {
            Assert.Equal(new TruncateAnswer(new(4), "held"), await RetentionOf(counter).Truncate(new(7)));
            Assert.Equal(new TruncateAnswer(new(4), "held"), await RetentionOf(counter).Truncate(new(8)));
            await Checkpoints.AdvanceAsync(new("held", partition, passed, log[6].Position.Position, 0), Token);
            Assert.Equal(new TruncateAnswer(new(7)), await RetentionOf(counter).Truncate(new(7)));

            // One that has a checkpoint in another partition alone has passed nothing in this one.
            await Checkpoints.AdvanceAsync(new("elsewhere", new(partition.Value + 1), default, new(9), 0), Token);
            Assert.Equal(new TruncateAnswer(new(7), "elsewhere"), await RetentionOf(counter).Truncate(new(8)));
        }
        finally
        {
            foreach (var name in new[] { "held", "ahead", "elsewhere" }) await Checkpoints.DeleteAsync(name, Token);
        }

        Assert.Equal(new TruncateAnswer(new(8)), await RetentionOf(counter).Truncate(new(8)));
    }

    [Fact]
    public async Task What_is_no_version_of_the_stream_is_refused()
    {
        var counter = Counter("refused");
        await AddOneToAsync(counter, 2);
        foreach (var before in new[] { 0, 3 })
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                () => RetentionOf(counter).Truncate(new(before)));
        }

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => RetentionOf(Counter("none")).Truncate(new(1)));
        Assert.Equal(new TruncateAnswer(new(1)), await RetentionOf(counter).Truncate(new(1)));
        Assert.Equal((1, 2), await HeadAsync("refused"));
    }

    [Fact]
    public async Task A_deleted_grain_begins_anew()
    {
        var counter = Counter("deleted");
        await AddOneToAsync(counter, 5);
        await RetentionOf(counter).Truncate(new(3));
        var head = await Store.ReadHeadAsync(CounterStream("deleted"), Token);

        await RetentionOf(counter).Delete(ExpectedVersion.Exactly(head.Version, head.Position.Position));

        Assert.Equal((0, 0), await ViewAsync(counter));
        Assert.Equal(1, await counter.Add(7));
        await counter.Leave();
        Assert.Equal((7, 1), await ViewAsync(counter));
    }

    [Fact]
    public async Task A_deletion_that_expects_another_version_deletes_nothing()
    {
        var counter = Counter("expects");
        await AddOneToAsync(counter, 2);
        var head = await Store.ReadHeadAsync(CounterStream("expects"), Token);
        await AppendElsewhereAsync(CounterStream("expects"), 10);

        ExpectedVersion[] unmet =
        [
            ExpectedVersion.Exactly(head.Version, head.Position.Position), ExpectedVersion.Exactly(new(2)),
            ExpectedVersion.NoStream,
        ];
        foreach (var expected in unmet)
        {
            var fault = await Assert.ThrowsAsync<WrongExpectedVersionException>(
                () => RetentionOf(counter).Delete(expected));
            Assert.Equal(3, fault.Actual.Value);
        }

        // The grain goes on.
        Assert.Equal(4, await counter.Add(100));
        Assert.Equal((113, 4), await ViewAsync(counter));
        await RetentionOf(counter).Delete(ExpectedVersion.StreamExists);
        Assert.Equal((0, 0), await ViewAsync(counter));
    }

    [Fact]
    public async Task A_deletion_whose_answer_is_lost_is_made_once()
    {
        var counter = Counter("lost");
        await AddOneToAsync(counter, 2);
        Store.FailAfterCommit(1);

        await RetentionOf(counter).Delete(ExpectedVersion.Exactly(new(2)));

        Assert.Equal((0, 0), await ViewAsync(counter));
        Assert.Equal(1, await counter.Add(3));
    }

    [Fact]
    public async Task A_truncation_that_fails_leaves_everything_as_it_was_and_succeeds_when_it_is_sent_again()
    {
        var counter = Counter("fails");
        await AddOneToAsync(counter, 5);
        Store.FailTruncations(1);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => RetentionOf(counter).Truncate(new(4)));
        Assert.Equal((1, 5), await HeadAsync("fails"));
        Assert.Equal(new TruncateAnswer(new(4)), await RetentionOf(counter).Truncate(new(4)));
        await counter.Leave();
        Assert.Equal((15, 5), await ViewAsync(counter));
    }

    private static IRetentionExtension RetentionOf(ICounterGrain counter) =>
        counter.AsReference<IRetentionExtension>();

    private static async Task AddOneToAsync(ICounterGrain counter, int last)
    {
        for (var amount = 1; amount <= last; amount++) await counter.Add(amount);
    }

    private static async Task<(int Total, int Version)> ViewAsync(ICounterGrain counter)
    {
        var view = await counter.Get();
        return (view.Total, view.Version);
    }

    private async Task<(long First, long Version)> HeadAsync(string key)
    {
        var head = await Store.ReadHeadAsync(CounterStream(key), Token);
        return (head.First.Value, head.Version.Value);
    }
}
