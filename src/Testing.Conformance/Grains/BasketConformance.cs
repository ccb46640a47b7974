namespace Granary.Testing.Conformance.Grains;

/// <summary>What a grain may rely on whose events can be changed, and whose log is cleared while it works.</summary>
public abstract class BasketConformance<TStore> : GrainConformance<TStore>
    where TStore : TestStore, new()
{
    private IBasketGrain Basket(string key) => Cluster.Client.GetGrain<IBasketGrain>(key);

    private static StreamName Stream(string key) => new("basket", key);

    [Fact]
    public async Task A_list_that_an_event_brought_is_not_shared_by_the_two_states()
    {
        var basket = Basket("shared-list");
        await basket.Pack(["a"]);

        Assert.Equal(["a", "b"], await basket.Add("b"));
        Assert.Equal(["a", "b"], await basket.Tentative());
        Assert.Equal(["a", "b", "c"], await basket.Add("c"));
        await basket.Leave();
        Assert.Equal(["a", "b", "c"], await basket.Read());
    }

    [Fact]
    public async Task A_list_that_an_event_brought_is_as_it_was_raised_after_a_lost_race()
    {
        var basket = Basket("raced-list");
        await basket.Pack(["a"]);
        var other = (await StartClusterAsync()).Client.GetGrain<IBasketGrain>("raced-list");
        await other.Add("b");

        Assert.Equal(["c"], await basket.Pack(["c"]));
        Assert.Equal(["c", "d"], await basket.Add("d"));
        Assert.Equal(["c", "d"], await basket.Tentative());
    }

    [Fact]
    public async Task What_was_raised_before_a_clearing_is_confirmed_and_then_cleared()
    {
        var basket = Basket("add-and-clear");
        await basket.Add("a");

        Assert.True(await basket.AddAndClear("b"));
        Assert.Empty(await StoredAsync(Stream("add-and-clear")));
        var tombstones = await TombstonesAsync(Stream("add-and-clear"));
        Assert.Equal(2, tombstones);
    }

    [Fact]
    public async Task What_is_raised_after_a_clearing_is_the_first_of_the_new_generation()
    {
        var basket = Basket("clear-and-add");
        await basket.Add("a");
        await basket.ClearAndAdd("b");

        Assert.Equal(["b"], await basket.Read());
        Assert.Equal(1, Assert.Single(await StoredAsync(Stream("clear-and-add"))).Version.Value);
    }

    [Fact]
    public async Task What_was_decided_on_the_old_generation_is_dropped_when_it_is_cleared()
    {
        var basket = Basket("across");
        await basket.Add("a");

        Assert.False(await basket.TryAddAcrossClear("b"));
        Assert.Empty(await basket.Read());
        Assert.Empty(await StoredAsync(Stream("across")));
    }

    [Fact]
    public async Task Statistics_count_the_calls_of_the_grain_to_its_journal()
    {
        var counters = await Basket("statistics").Statistics("a");

        Assert.Equal(
            (1, 1, 1, 1, 2, 2),
            (counters["SubmitCalled"], counters["TryAppendCalled"], counters["ConfirmSubmittedEntriesCalled"],
                counters["SynchronizeNowCalled"], counters["WritebackEvents"], counters["latencies"]));
    }

    [Fact]
    public async Task An_aggregate_whose_state_lacks_an_Apply_method_fails_its_activation_and_names_it()
    {
        var grain = Cluster.Client.GetGrain<IForgetfulGrain>("any");
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => grain.Read());
        Assert.Contains("no Apply method for Forgotten", failure.Message, StringComparison.Ordinal);
    }

    private async Task<int> TombstonesAsync(StreamName stream)
    {
        var count = 0;
        var log = Store.ReadLogAsync(LogPosition.StartOf(LogPartition.Of(stream, Store.PartitionCount)), Token);
        await foreach (var recorded in log)
        {
            if (recorded.Stream == stream && recorded.Type == EventTypes.Tombstone) count++;
        }

        return count;
    }
}
