using Granary.Runtime;
using Granary.Tests.Unit.Following;

namespace Granary.Tests.Unit.Deliveries;

/// <summary>A worker that does not end when its subscription is deleted writes nothing any more.</summary>
public sealed class DeletedSubscriptionTests
{
    [Fact]
    public async Task A_worker_that_hangs_in_a_commit_leaves_nothing()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Live));
        var (hangs, goesOn) = Hold(log);
        var next = log.NextAsync();
        await hangs.WaitAsync(FollowedLog.Patience, FollowedLog.Token);
        await DeleteAsync(log);
        goesOn.SetResult();
        await EndedAsync(log);
        await Assert.ThrowsAnyAsync<GranaryException>(() => next);
        await AssertEmptyAsync(log);
    }

    [Fact]
    public async Task A_worker_that_hangs_before_it_takes_over_leaves_nothing()
    {
        await using var log = await DeliveredLog.StartAsync(streams: 1);
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Live));
        var (hangs, goesOn) = Hold(log);
        log.StartWorker();
        await hangs.WaitAsync(FollowedLog.Patience, FollowedLog.Token);
        await DeleteAsync(log);
        goesOn.SetResult();
        await EndedAsync(log);
        await AssertEmptyAsync(log);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_worker_that_is_left_over_does_not_move_the_checkpoint_of_a_new_subscription(bool takesOver)
    {
        await using var log = await DeliveredLog.StartAsync(streams: 0);
        await FollowedLog.UntilAsync(() => Task.FromResult(log.Worker.Progress.State == ReaderState.Live));
        var (hangs, goesOn) = Hold(log);
        if (takesOver) log.StartWorker();
        await log.Log.AppendAsync("s0", "1");
        var next = log.NextAsync();
        await hangs.WaitAsync(FollowedLog.Patience, FollowedLog.Token);
        await log.EndAsync();
        log.Id = Guid.Empty;
        await log.BeginAsync();
        var before = await log.Log.Models.ReadCheckpointAsync("mailer", default, FollowedLog.Token);
        log.Log.IsDeleted = true;
        goesOn.SetResult();
        await EndedAsync(log);
        await Assert.ThrowsAnyAsync<GranaryException>(() => next);
        Assert.Equal(before, await log.Log.Models.ReadCheckpointAsync("mailer", default, FollowedLog.Token));
    }

    // The next commit with the checkpoint waits, until the test lets it go on.
    private static (Task Hangs, TaskCompletionSource GoesOn) Hold(DeliveredLog log)
    {
        var (hangs, goesOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        log.Log.Models.OnCommit = async commit =>
        {
            if (commit.Advance is null || !hangs.TrySetResult()) return;
            await goesOn.Task;
        };
        return (hangs.Task, goesOn);
    }

    private static async Task DeleteAsync(DeliveredLog log)
    {
        await log.EndAsync();
        log.Log.IsDeleted = true;
    }

    private static async Task EndedAsync(DeliveredLog log)
    {
        await FollowedLog.UntilAsync(() =>
        {
            log.Log.Time.Advance(WorkerSession.WaitMax);
            return Task.FromResult(log.Running.IsCompleted);
        });
    }

    private static async Task AssertEmptyAsync(DeliveredLog log)
    {
        Assert.Empty(await log.Log.Models.ReadCheckpointsAsync(FollowedLog.Token));
        Assert.Empty(await log.ReadDeliveriesAsync());
        Assert.Empty((await log.Log.Models.QueryAsync(
            new ModelQuery(DeliveryTables.Owners), FollowedLog.Token)).Rows);
    }
}
