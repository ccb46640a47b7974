using Granary.Runtime;

namespace Granary.Tests.Unit.Following;

/// <summary>An event that cannot be handled parks its stream alone.</summary>
public sealed class ParkedStreamTests
{
    private static CancellationToken Token => FollowedLog.Token;

    [Fact]
    public async Task The_other_streams_go_on_and_the_stop_is_on_record()
    {
        await using var log = await PoisonedAsync();
        var (worker, _) = log.Start();
        await log.PassedAsync(worker);

        Assert.Equal(
            new Dictionary<string, int> { ["good"] = 3, ["bad"] = 1 }, await log.ReadCountsAsync());
        var parked = Assert.Single(await log.ReadParkedAsync());
        Assert.Equal(new StreamName("test", "bad"), parked.Stream);
        Assert.Equal((3, 2, 5), (parked.Position.Position.Value, parked.Version.Value, parked.Tries));
        Assert.Contains("boom", parked.Error, StringComparison.Ordinal);
        Assert.Equal(1, worker.Progress.Parked);
    }

    [Fact]
    public async Task The_events_of_a_parked_stream_wait_also_after_a_restart_and_are_handled_when_it_is_retried()
    {
        await using var log = await PoisonedAsync();
        var (first, _) = log.Start();
        await log.PassedAsync(first);
        var (worker, _) = log.Start();

        // Before it has taken over, the first worker handles what is appended, and is then the one that goes on.
        await FollowedLog.UntilAsync(async () =>
            (await log.Models.ReadCheckpointAsync("counter", default, Token))?.Epoch == 2);
        await log.AppendAsync("bad", "later");
        await log.AppendAsync("good", "later");
        await log.PassedAsync(worker);
        Assert.Equal(1, (await log.ReadCountsAsync())["bad"]);

        log.Poison.Clear();
        await log.RequestAsync("bad", ParkedRequest.Retry);
        worker.Steer();
        await FollowedLog.UntilAsync(async () => (await log.ReadParkedAsync()).Count == 0);

        Assert.Equal(
            new Dictionary<string, int> { ["good"] = 4, ["bad"] = 4 }, await log.ReadCountsAsync());
        await log.AppendAsync("bad", "last");
        await log.PassedAsync(worker);
        Assert.Equal(5, (await log.ReadCountsAsync())["bad"]);
    }

    [Fact]
    public async Task A_retry_that_fails_keeps_it_parked_and_counts_the_try()
    {
        await using var log = await PoisonedAsync();
        var (worker, _) = log.Start();
        await log.PassedAsync(worker);
        await log.RequestAsync("bad", ParkedRequest.Retry);
        worker.Steer();
        await FollowedLog.UntilAsync(async () => (await log.ReadParkedAsync()) is [{ Tries: 6 }]);

        Assert.Equal(1, (await log.ReadCountsAsync())["bad"]);
    }

    [Fact]
    public async Task What_is_dropped_is_never_handled_and_what_comes_later_is()
    {
        await using var log = await PoisonedAsync();
        var (worker, _) = log.Start();
        await log.PassedAsync(worker);
        await log.RequestAsync("bad", ParkedRequest.Drop);
        worker.Steer();
        await FollowedLog.UntilAsync(async () => (await log.ReadParkedAsync()).Count == 0);
        await FollowedLog.UntilAsync(() => Task.FromResult(worker.Progress.Parked == 0));
        await log.AppendAsync("bad", "last");
        await log.PassedAsync(worker);

        Assert.Equal(2, (await log.ReadCountsAsync())["bad"]);
    }

    [Fact]
    public async Task An_error_that_names_no_event_is_narrowed_down_to_one()
    {
        await using var log = await PoisonedAsync();
        log.Poison.Clear();
        log.OnBatch = batch =>
        {
            if (batch.Events.Any(static one => one.Position.Position.Value == 3)) throw new FormatException("no name");
        };
        var (worker, _) = log.Start();
        await log.PassedAsync(worker);

        var parked = Assert.Single(await log.ReadParkedAsync());
        Assert.Equal(3, parked.Position.Position.Value);
        Assert.Equal(
            new Dictionary<string, int> { ["good"] = 3, ["bad"] = 1 }, await log.ReadCountsAsync());
    }

    [Fact]
    public async Task A_batch_that_is_too_large_is_handled_in_parts()
    {
        await using var log = await PoisonedAsync();
        log.Poison.Clear();
        log.OnBatch = static batch =>
        {
            if (batch.Events.Count > 2) throw new BatchTooLargeException("more than two");
        };
        var (worker, _) = log.Start();
        await log.PassedAsync(worker);

        Assert.Equal(
            new Dictionary<string, int> { ["good"] = 3, ["bad"] = 3 }, await log.ReadCountsAsync());
        Assert.Empty(await log.ReadParkedAsync());
    }

    [Fact]
    public async Task A_retry_handles_no_event_that_the_reader_has_not_come_to()
    {
        await using var log = await PoisonedAsync();
        var settings = new ReaderSettings(log.Models);
        var until = new Dictionary<int, long> { [0] = 4 };
        await settings.ChangeAsync("counter", one => one with { Until = until }, Token);
        var (worker, _) = log.Start();
        await worker.Progress.WaitAsync(new GlobalPosition(4), Token).WaitAsync(FollowedLog.Patience, Token);
        log.Poison.Clear();
        await log.RequestAsync("bad", ParkedRequest.Retry);
        worker.Steer();
        await FollowedLog.UntilAsync(async () => (await log.ReadParkedAsync()).Count == 0);
        Assert.Equal(2, (await log.ReadCountsAsync())["bad"]);

        await settings.ChangeAsync("counter", static one => one with { Until = null }, Token);
        worker.Steer();
        await log.PassedAsync(worker);
        Assert.Equal(
            new Dictionary<string, int> { ["good"] = 3, ["bad"] = 3 }, await log.ReadCountsAsync());
    }

    [Fact]
    public async Task A_retry_that_is_interrupted_between_two_pages_handles_no_event_twice()
    {
        await using var log = await PoisonedAsync();
        for (var i = 0; i < 25; i++) await log.AppendAsync("bad", "later");
        var (worker, _) = log.Start();
        await log.PassedAsync(worker);
        log.Poison.Clear();
        var pages = 0;
        log.Models.OnCommit = commit =>
        {
            if (commit.Writes.Count == 2 && ++pages == 2) log.Models.FailBefore = 6;
            return Task.CompletedTask;
        };
        await log.RequestAsync("bad", ParkedRequest.Retry);
        worker.Steer();
        await FollowedLog.UntilAsync(async () => (await log.ReadParkedAsync()).Count == 0);

        Assert.Equal(28, (await log.ReadCountsAsync())["bad"]);
    }

    [Fact]
    public async Task A_reader_with_as_many_parked_streams_as_are_allowed_stops_before_it_parks_one_more()
    {
        await using var log = await PoisonedAsync();
        var rows = Enumerable.Range(0, ParkedStreams.CountMax).Select(static at => ParkedRow.Put(
            new ParkedDocument(
                "counter", "test", $"parked-{at}", 0, 1, 1, "test.happened", "boom", DateTimeOffset.UnixEpoch, 5),
            null));
        Assert.Equal(
            ModelCommitOutcome.Committed, await log.Models.CommitAsync(new ModelCommit([.. rows]), Token));
        var (worker, _) = log.Start();
        await FollowedLog.UntilAsync(() => Task.FromResult(worker.Progress.State == ReaderState.Stopped));

        Assert.Contains(nameof(ReaderOverloadedException), worker.Progress.LastError, StringComparison.Ordinal);
        Assert.Equal(2, worker.Progress.Position.Value);
    }

    // Positions: good 1, bad 2, bad 3 (fails), good 4, bad 5, good 6.
    private static async Task<FollowedLog> PoisonedAsync()
    {
        var log = await LogWorkerTests.StartedAsync();
        await log.AppendAsync("good", "1");
        await log.AppendAsync("bad", "2", "boom");
        await log.AppendAsync("good", "4");
        await log.AppendAsync("bad", "5");
        await log.AppendAsync("good", "6");
        log.Poison.Add("boom");
        return log;
    }
}
