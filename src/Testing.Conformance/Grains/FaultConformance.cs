namespace Granary.Testing.Conformance.Grains;

public abstract class FaultConformance<TStore> : GrainConformance<TStore>
    where TStore : TestStore, new()
{
    [Fact]
    public async Task A_lost_answer_leaves_the_event_stored_once()
    {
        var grain = Counter("lost-answer");
        await grain.Add(1);
        Store.FailAfterCommit(1);

        Assert.Equal(2, await grain.Add(5));
        var view = await grain.Get();
        Assert.Equal((6, 2, 1, 1), (view.Total, view.Version, view.Issues, view.IssuesResolved));
        Assert.Equal(2, (await StoredAsync(CounterStream("lost-answer"))).Count);
    }

    [Fact]
    public async Task A_lost_answer_to_a_conditional_event_is_resolved_to_true()
    {
        var grain = Counter("lost-conditional");
        await grain.Add(1);
        Store.FailAfterCommit(1);

        Assert.True(await grain.TryAdd(5));
        Assert.Equal(2, (await StoredAsync(CounterStream("lost-conditional"))).Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_lost_answer_leaves_the_event_cleared_where_another_writer_cleared_it(int before)
    {
        var stream = CounterStream($"lost-and-cleared-{before}");
        var grain = Counter(stream.Key);
        for (var at = 0; at < before; at++) await grain.Add(1);
        var (first, retry) = (Store.HoldNextCommit(), Store.HoldNextCommit());
        Store.FailAfterCommit(1);
        var added = grain.Add(5);
        first.Open();
        await retry.Reached;
        await ClearElsewhereAsync(stream);
        if (before > 0) await AppendElsewhereAsync(stream, [.. Enumerable.Repeat(1, before)]);
        retry.Open();

        Assert.Equal(before + 1, await added);
        Assert.Equal(before, (await StoredAsync(stream)).Count);
        Assert.Equal(before, (await grain.Refresh()).Total);
    }

    [Fact]
    public async Task A_lost_answer_to_a_clearing_leaves_what_was_appended_since()
    {
        var stream = CounterStream("lost-clearing");
        var grain = Counter(stream.Key);
        await grain.Add(1);
        var (first, retry) = (Store.HoldNextCommit(), Store.HoldNextCommit());
        Store.FailAfterCommit(1);
        var cleared = grain.Clear();
        first.Open();
        await retry.Reached;
        await AppendElsewhereAsync(stream, 5);
        retry.Open();

        await cleared;
        Assert.Equal((5, 1), ((await grain.Refresh()).Total, (await grain.Refresh()).Version));
    }

    [Fact]
    public async Task A_store_that_stays_unavailable_fails_ConfirmEvents_and_the_next_call_reads_what_is_stored()
    {
        var grain = (await StartImpatientClusterAsync()).Client.GetGrain<ICounterGrain>("away");
        await grain.Add(1);
        Store.FailBeforeCommit(int.MaxValue);

        var failure = await Assert.ThrowsAsync<EventsNotConfirmedException>(() => grain.Add(5));
        Assert.Equal((CounterStream("away"), 1), (failure.Stream, failure.Events));

        Store.FailBeforeCommit(0);
        var view = await grain.Get();
        Assert.Equal((1, 1, 0), (view.Total, view.Version, view.Unconfirmed));
        Assert.Equal(2, await grain.Add(2));
    }

    [Fact]
    public async Task Calls_that_wait_at_a_grain_whose_append_fails_are_answered_by_the_next_activation()
    {
        var till = (await StartImpatientClusterAsync()).Client.GetGrain<ITillGrain>("waiting");
        await till.Put(null, 1);
        var gate = Store.HoldNextCommit();
        var failing = till.Put(null, 5);
        await gate.Reached;
        var reads = Enumerable.Range(0, 5).Select(_ => till.Content()).ToArray();
        Store.FailBeforeCommit(int.MaxValue);
        gate.Open();

        await Assert.ThrowsAsync<EventsNotConfirmedException>(() => failing);
        foreach (var read in reads) Assert.Equal(new TillAnswer(true, 1, 1), await read);
        Store.FailBeforeCommit(0);
    }

    [Fact]
    public async Task An_activation_reads_its_stream_once_and_a_refresh_reads_again()
    {
        // It leaves activation to JournaledGrain, which refreshes in it.
        var basket = Cluster.Client.GetGrain<IBasketGrain>("reads");
        await basket.Add("a");
        await basket.Leave();
        var before = Store.StreamReads;

        Assert.Equal(["a"], await basket.Read());
        Assert.Equal(before + 1, Store.StreamReads);
        await basket.Statistics("b");
        Assert.Equal(before + 2, Store.StreamReads);
    }

    [Fact]
    public async Task Two_separate_clusters_lose_and_double_nothing()
    {
        var other = await StartClusterAsync();
        var (here, there) = (Counter("shared"), other.Client.GetGrain<ICounterGrain>("shared"));

        async Task AddMany(ICounterGrain grain)
        {
            for (var at = 0; at < 50; at++) await grain.Add(1);
        }

        await Task.WhenAll(AddMany(here), AddMany(there));
        var stored = await StoredAsync(CounterStream("shared"));
        Assert.Equal(Enumerable.Range(1, 100).Select(static at =>
            (long)at), stored.Select(static one => one.Version.Value));
        Assert.Equal((100, 100), ((await here.Refresh()).Total, (await there.Refresh()).Total));
    }

    [Fact]
    public async Task A_writer_of_a_cleared_generation_cannot_write_into_the_new_one()
    {
        var other = await StartClusterAsync();
        var (here, there) = (Counter("generations"), other.Client.GetGrain<ICounterGrain>("generations"));
        await here.AddAll([1, 1]);
        Assert.Equal(2, (await there.Refresh()).Total);

        await here.Clear();
        await here.AddAll([10, 10]);
        Assert.False(await there.TryAdd(100));
        Assert.Equal(20, (await there.Get()).Total);
    }

    [Fact]
    public async Task A_grain_that_migrates_hands_its_state_over_instead_of_replaying()
    {
        var wide = await StartClusterAsync(silos: 2);
        var grain = wide.Client.GetGrain<ICounterGrain>("nomad");
        for (var at = 0; at < 10; at++) await grain.Add(1);
        var home = await grain.Home();

        var target = wide.Silos.Single(silo => silo.SiloAddress.ToString() != home).SiloAddress;
        Orleans.Runtime.RequestContext.Set(Orleans.Runtime.Placement.IPlacementDirector.PlacementHintKey, target);
        await grain.MoveAway();
        Orleans.Runtime.RequestContext.Clear();

        Assert.Equal(target.ToString(), await HomeAfterMoveAsync(grain, home));
        var view = await grain.Get();
        Assert.Equal((10, 10, 0), (view.Total, view.Version, view.Folded));
        Assert.Equal(11, await grain.Add(1));
    }

    // The move happens when the grain is idle; a call that arrives before it is answered from the old home.
    private static async Task<string> HomeAfterMoveAsync(ICounterGrain grain, string oldHome)
    {
        var home = oldHome;
        for (var asked = 0; asked < 1_000 && home == oldHome; asked++) home = await grain.Home();
        return home;
    }
}
