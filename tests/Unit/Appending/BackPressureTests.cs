using Granary.Runtime;

namespace Granary.Tests.Unit.Appending;

public sealed class BackPressureTests
{
    private const string QueueLength = "granary.appender.queue.length";

    [Fact]
    public async Task A_full_queue_makes_further_appends_wait()
    {
        await using var harness = new AppenderHarness(new AppenderOptions { QueueLengthMax = 2, BatchEventsMax = 1 });
        var (_, running) = await harness.OccupyAsync();
        var sent = new[] { "a", "b", "c", "d" }.Select(key => harness.Send(key)).ToArray();
        Assert.Equal(2, harness.Observe(QueueLength));

        var written = new List<string>();
        running.Release();
        for (var commits = 0; commits < sent.Length; commits++)
        {
            var commit = await harness.Store.NextAsync();
            // When a waiting append enters the queue is the scheduler's choice; the bound is what is promised.
            Assert.InRange(harness.Observe(QueueLength), 0, 2);
            written.AddRange(commit.Keys);
            commit.Release();
        }

        Assert.Equal(["a", "b", "c", "d"], written);
        Assert.All(await Task.WhenAll(sent), result => Assert.Equal(AppendOutcome.Appended, result.Outcome));
    }

    [Fact]
    public async Task Cancelling_an_append_in_the_queue_writes_nothing_of_it()
    {
        await using var harness = new AppenderHarness();
        using var cancellation = new CancellationTokenSource();
        var (_, running) = await harness.OccupyAsync();
        var cancelled = harness.SendCancellable("cancelled", cancellation.Token);
        var kept = harness.Send("kept");

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        running.Release();
        var next = await harness.Store.NextAsync();
        next.Release();

        Assert.Equal(["kept"], next.Keys);
        Assert.Equal(AppendOutcome.Appended, (await kept).Outcome);
    }

    [Fact]
    public async Task Cancelling_an_append_that_waits_to_enter_a_full_queue_writes_nothing_of_it()
    {
        await using var harness = new AppenderHarness(new AppenderOptions { QueueLengthMax = 1 });
        using var cancellation = new CancellationTokenSource();
        var (_, running) = await harness.OccupyAsync();
        var queued = harness.Send("queued");
        var cancelled = harness.SendCancellable("cancelled", cancellation.Token);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        running.Release();
        var next = await harness.Store.NextAsync();
        next.Release();
        await queued;

        Assert.Equal(["queued"], next.Keys);
        Assert.False(harness.Store.HasUnseen);
    }

    [Fact]
    public async Task An_append_that_is_being_committed_is_answered_though_it_was_cancelled()
    {
        await using var harness = new AppenderHarness();
        using var cancellation = new CancellationTokenSource();
        var append = harness.SendCancellable("taken", cancellation.Token);
        var commit = await harness.Store.NextAsync();

        await cancellation.CancelAsync();
        Assert.False(append.IsCompleted);
        commit.Release();

        Assert.Equal(AppendOutcome.Appended, (await append).Outcome);
    }

    [Fact]
    public async Task An_append_that_comes_cancelled_reaches_no_store()
    {
        await using var harness = new AppenderHarness();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => harness.SendCancellable("cancelled", new CancellationToken(canceled: true)));
        var (_, running) = await harness.OccupyAsync("next");
        running.Release();

        Assert.Equal(["next"], running.Keys);
    }
}
