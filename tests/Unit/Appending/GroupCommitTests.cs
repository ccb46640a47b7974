using Granary.Runtime;

namespace Granary.Tests.Unit.Appending;

public sealed class GroupCommitTests
{
    [Fact]
    public async Task Appends_that_wait_while_a_commit_runs_share_the_next_one()
    {
        await using var harness = new AppenderHarness();
        var (first, running) = await harness.OccupyAsync();
        var waiting = new[] { harness.Send("a"), harness.Send("b"), harness.Send("c") };

        running.Release();
        var next = await harness.Store.NextAsync();
        next.Release();

        Assert.Equal(["first"], running.Keys);
        Assert.Equal(["a", "b", "c"], next.Keys);
        Assert.Equal(AppendOutcome.Appended, (await first).Outcome);
        Assert.Equal([1, 2, 3], (await Task.WhenAll(waiting)).Select(result => result.Version.Value));
    }

    [Fact]
    public async Task A_commit_holds_no_more_events_than_its_limit()
    {
        await using var harness = new AppenderHarness(new AppenderOptions { BatchEventsMax = 5 });
        var (_, running) = await harness.OccupyAsync();
        foreach (var key in new[] { "a", "b", "c" }) _ = harness.Send(AppenderHarness.Of(key, events: 2));

        running.Release();
        var second = await harness.Store.NextAsync();
        second.Release();
        var third = await harness.Store.NextAsync();
        third.Release();

        Assert.Equal(["a", "b"], second.Keys);
        Assert.Equal(["c"], third.Keys);
    }

    [Fact]
    public async Task A_commit_holds_no_more_bytes_than_its_limit()
    {
        await using var harness = new AppenderHarness(new AppenderOptions { BatchSizeMaxBytes = 2_500 });
        var (_, running) = await harness.OccupyAsync();
        foreach (var key in new[] { "a", "b", "c" }) _ = harness.Send(AppenderHarness.Of(key, eventSize: 1_000));

        running.Release();
        var second = await harness.Store.NextAsync();
        second.Release();
        var third = await harness.Store.NextAsync();
        third.Release();

        Assert.Equal(["a", "b"], second.Keys);
        Assert.Equal(["c"], third.Keys);
    }

    [Fact]
    public async Task An_append_over_the_limits_of_a_commit_is_committed_alone_and_whole()
    {
        await using var harness = new AppenderHarness(
            new AppenderOptions { BatchEventsMax = 2, BatchSizeMaxBytes = 50 });
        var (_, running) = await harness.OccupyAsync();
        _ = harness.Send("small");
        var large = harness.Send(AppenderHarness.Of("large", events: 7, eventSize: 100));

        running.Release();
        (await harness.Store.NextAsync()).Release();
        var alone = await harness.Store.NextAsync();
        alone.Release();

        Assert.Equal(["large"], alone.Keys);
        Assert.Equal(7, alone.Appends[0].Events.Count);
        Assert.Equal(AppendOutcome.Appended, (await large).Outcome);
    }

    [Fact]
    public async Task A_partition_that_is_held_up_does_not_hold_up_another()
    {
        await using var harness = new AppenderHarness(partitions: 2);
        var keys = Enumerable.Range(0, 50).Select(number => $"k{number}").ToLookup(
            key => LogPartition.Of(new StreamName("test", key), 2).Value);
        var (held, heldCommit) = await harness.OccupyAsync(keys[0].First());

        var other = harness.Send(keys[1].First());
        var otherCommit = await harness.Store.NextAsync();
        otherCommit.Release();

        Assert.Equal(AppendOutcome.Appended, (await other).Outcome);
        Assert.Equal(0, heldCommit.Batch.Partition.Value);
        Assert.Equal(1, otherCommit.Batch.Partition.Value);
        Assert.False(held.IsCompleted);
        heldCommit.Release();
        await held;
    }

    [Fact]
    public async Task The_time_of_commits_never_goes_back_though_the_clock_does()
    {
        await using var harness = new AppenderHarness();
        var noon = harness.Time.Now;
        var (_, first) = await harness.OccupyAsync();
        first.Release();

        harness.Time.Now = noon.AddMinutes(-5);
        var (_, second) = await harness.OccupyAsync();
        second.Release();
        harness.Time.Now = noon.AddMinutes(1);
        var (_, third) = await harness.OccupyAsync();
        third.Release();

        Assert.Equal([noon, noon, noon.AddMinutes(1)], new[] { first, second, third }.Select(c => c.Batch.Timestamp));
    }

    [Fact]
    public async Task A_caller_that_dallies_over_its_answer_does_not_hold_up_the_writer()
    {
        await using var harness = new AppenderHarness();
        using var dally = new ManualResetEventSlim();
        var (first, running) = await harness.OccupyAsync();
        var dallying = first.ContinueWith(
            _ => dally.Wait(GateStore.Patience),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        var second = harness.Send("second");

        running.Release();
        (await harness.Store.NextAsync()).Release();

        Assert.Equal(AppendOutcome.Appended, (await second).Outcome);
        dally.Set();
        await dallying;
    }
}
