namespace Granary.Testing.Conformance.Grains;

public abstract class JournaledGrainConformance<TStore> : GrainConformance<TStore>
    where TStore : TestStore, new()
{
    [Fact]
    public async Task A_confirmed_event_is_stored_and_comes_back_after_deactivation()
    {
        var grain = Counter("back");
        Assert.Equal(1, await grain.Add(5));
        Assert.Equal(2, await grain.Add(7));
        await grain.Leave();

        var view = await grain.Get();
        Assert.Equal((12, 2, 12, 0), (view.Total, view.Version, view.Tentative, view.Unconfirmed));
        Assert.Equal(2, (await StoredAsync(CounterStream("back"))).Count);
    }

    [Fact]
    public async Task A_grain_that_overrides_activation_is_loaded_before_its_first_call()
    {
        await AppendElsewhereAsync(CounterStream("preloaded"), 1, 2, 3);
        Assert.Equal(6, (await Counter("preloaded").Get()).Total);
    }

    [Fact]
    public async Task A_range_lands_in_one_append_and_changes_the_state_once()
    {
        var grain = Counter("range");
        Assert.Equal(3, await grain.AddAll([1, 2, 3]));

        var stored = await StoredAsync(CounterStream("range"));
        Assert.Single(stored.Select(static recorded => recorded.AppendId).Distinct());
        Assert.Equal(1, (await grain.Get()).StateChanges);
    }

    [Fact]
    public async Task A_conditional_event_lands_where_no_writer_came_between()
    {
        var grain = Counter("conditional");
        Assert.True(await grain.TryAdd(4));
        Assert.True(await grain.TryAddAll([5, 6]));
        Assert.Equal((15, 3), Summary(await grain.Get()));
    }

    [Fact]
    public async Task A_conditional_event_that_lost_the_race_is_false_and_not_stored()
    {
        var grain = Counter("race");
        await grain.Add(1);
        await AppendElsewhereAsync(CounterStream("race"), 10);

        Assert.False(await grain.TryAddAll([100, 100]));
        Assert.Equal((11, 2), Summary(await grain.Get()));
        Assert.Equal(2, (await StoredAsync(CounterStream("race"))).Count);
    }

    [Fact]
    public async Task An_unconditional_event_that_lost_the_race_lands_once_after_the_winner()
    {
        var grain = Counter("stale");
        await grain.Add(1);
        await AppendElsewhereAsync(CounterStream("stale"), 10, 20);

        Assert.Equal(4, await grain.Add(100));
        Assert.Equal((131, 4), Summary(await grain.Get()));
    }

    [Fact]
    public async Task RefreshNow_reads_what_another_writer_appended()
    {
        var grain = Counter("refresh");
        await grain.Add(1);
        await AppendElsewhereAsync(CounterStream("refresh"), 10);

        Assert.Equal((1, 1), Summary(await grain.Get()));
        Assert.Equal((11, 2), Summary(await grain.Refresh()));
    }

    [Fact]
    public async Task An_event_whose_Apply_throws_is_refused_and_nothing_is_stored()
    {
        var grain = Counter("thirteen");
        await grain.Add(1);

        var refusal = await Assert.ThrowsAsync<EventNotApplicableException>(() => grain.Add(13));
        Assert.Equal("test.added", refusal.EventType);
        await Assert.ThrowsAsync<EventNotApplicableException>(() => grain.AddAll([2, 13]));
        Assert.Equal(2, await grain.Add(2));
        Assert.Equal((3, 2), Summary(await grain.Get()));
        Assert.Equal(2, (await StoredAsync(CounterStream("thirteen"))).Count);
    }

    [Fact]
    public async Task A_stored_event_that_Apply_refuses_fails_the_activation_and_is_not_skipped()
    {
        await AppendElsewhereAsync(CounterStream("poisoned"), 1, 13, 2);

        var failure = await Assert.ThrowsAsync<ReplayFailedException>(() => Counter("poisoned").Get());
        Assert.Equal((new StreamVersion(2), "test.added"), (failure.Version, failure.EventType));
    }

    [Fact]
    public async Task A_stored_event_of_an_unknown_type_fails_the_activation()
    {
        var stream = CounterStream("unknown");
        var unheardOf = new NewEvent(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), "test.unheard-of",
            "{}"u8.ToArray());
        await Store.CommitAsync(
            new Append(stream, ExpectedVersion.NoStream, AppendId.New(TimeProvider.System), [unheardOf]),
            TimeProvider.System.GetUtcNow(),
            Token);

        var failure = await Assert.ThrowsAsync<ReplayFailedException>(() => Counter("unknown").Get());
        Assert.Equal("test.unheard-of", failure.EventType);
    }

    [Fact]
    public async Task The_history_of_a_grain_can_be_retrieved()
    {
        var grain = Counter("retrieved");
        await grain.AddAll([1, 2, 3, 4]);

        var middle = await grain.History(1, 3);
        Assert.Equal([2, 3], middle);
        Assert.Empty(await grain.History(4, 4));
        await Assert.ThrowsAsync<ArgumentException>(() => grain.History(0, 5));
    }

    [Fact]
    public async Task The_history_of_a_stream_that_another_writer_cleared_is_that_of_its_new_generation()
    {
        var grain = Counter("retrieved-cleared");
        await grain.AddAll([1, 2, 3]);
        await ClearElsewhereAsync(CounterStream("retrieved-cleared"));
        await AppendElsewhereAsync(CounterStream("retrieved-cleared"), 10, 20);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => grain.History(0, 3));
        Assert.Equal((30, 2), ((await grain.Get()).Total, (await grain.Get()).Version));
        var history = await grain.History(0, 2);
        Assert.Equal([10, 20], history);

        await ClearElsewhereAsync(CounterStream("retrieved-cleared"));
        await AppendElsewhereAsync(CounterStream("retrieved-cleared"), 100, 200, 300);
        history = await grain.History(1, 2);
        Assert.Equal([200], history);
        Assert.Equal(600, (await grain.Get()).Total);
    }

    [Fact]
    public async Task A_cleared_log_starts_again_at_version_0_and_nothing_comes_back()
    {
        var grain = Counter("cleared");
        await grain.AddAll([1, 2, 3]);
        await grain.Clear();
        Assert.Equal((0, 0), Summary(await grain.Get()));
        Assert.Empty(await StoredAsync(CounterStream("cleared")));

        Assert.Equal(1, await grain.Add(9));
        await grain.Leave();
        Assert.Equal((9, 1), Summary(await grain.Get()));
    }

    [Fact]
    public async Task What_is_raised_and_never_awaited_is_stored_all_the_same()
    {
        var grain = Counter("unawaited");
        for (var at = 0; at < 20; at++) await grain.AddWithoutConfirming(1);
        await grain.Leave();

        Assert.Equal((20, 20), Summary(await grain.Refresh()));
    }

    [Fact]
    public async Task A_reentrant_grain_confirms_interleaving_calls_each_once()
    {
        var grain = Counter("reentrant");
        var versions = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => grain.Add(1)));

        Assert.Equal((50, 50), Summary(await grain.Get()));
        Assert.Contains(50, versions);
    }

    [Fact]
    public async Task A_grain_of_plain_objects_and_a_state_without_a_copier_work()
    {
        var notes = Cluster.Client.GetGrain<INotesGrain>("plain");
        await notes.Write("one");
        await notes.Write("two");
        string[] expected = ["one", "two", "three"];
        Assert.Equal(expected, await notes.WriteAndReadTentative("three"));
        await Assert.ThrowsAsync<EventNotApplicableException>(() => notes.Strike(7));
        await notes.Strike(0);
        await notes.Leave();

        Assert.Equal(expected[1..], await notes.Read());
    }

    [Fact]
    public async Task The_loaded_state_is_reported_while_OnActivateAsync_refreshes_and_not_before()
    {
        var grain = Cluster.Client.GetGrain<IActivationGrain>("order");
        await grain.Add(1);
        await grain.Leave();

        Assert.Equal(["activating", "changed to 1", "activated"], await grain.Calls());
    }

    [Fact]
    public async Task The_loaded_state_is_reported_once_where_OnActivateAsync_does_not_refresh()
    {
        var grain = Cluster.Client.GetGrain<IQuietActivationGrain>("order");
        await grain.Add(1);
        await grain.Leave();
        await grain.Calls();

        Assert.Equal(["activated", "changed to 1"], await grain.Calls());
    }

    private protected static (int Total, int Version) Summary(CounterView view) => (view.Total, view.Version);
}
