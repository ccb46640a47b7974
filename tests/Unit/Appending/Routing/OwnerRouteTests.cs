using Granary.Runtime;

namespace Granary.Tests.Unit.Appending.Routing;

/// <summary>
/// A silo sends its batches to the owner of their partition, and loses nothing where that does not answer.
/// </summary>
public sealed class OwnerRouteTests : IAsyncDisposable
{
    private readonly RoutingSilo _owner;
    private readonly RoutingSilo _silo;

    public OwnerRouteTests()
    {
        var store = new EpochStore();
        _owner = new RoutingSilo(store);
        _silo = new RoutingSilo(new EpochStore(store)) { OwnerAnswers = batch => _owner.Commits.CommitAsync(batch) };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_owner_commits_the_batches_of_the_others_and_their_callers_get_its_answers()
    {
        var first = await _silo.AppendAsync("a");
        var second = await _silo.AppendAsync("a");

        Assert.Equal((1, 2), (first.Version.Value, second.Version.Value));
        Assert.Equal(AppendOutcome.Appended, second.Outcome);
        Assert.Empty(_silo.Store.Commits);
        Assert.All(_owner.Store.Commits, static commit => Assert.Equal(1, commit.Epoch));
    }

    [Fact]
    public async Task A_conflict_at_the_owner_is_one_at_the_sender()
    {
        await _silo.AppendAsync("a");
        var append = AppenderHarness.Of("a");

        var refused = await _silo.AppendAsync(new Append(
            append.Stream, ExpectedVersion.NoStream, append.Id, append.Events));

        Assert.Equal((AppendOutcome.Conflict, 1), (refused.Outcome, refused.Version.Value));
        Assert.Empty(_silo.Store.Commits);
    }

    [Fact]
    public async Task Where_the_owner_does_not_answer_in_time_the_silo_commits_and_what_the_owner_has_does_not_land()
    {
        var late = new TaskCompletionSource<RoutedBatch>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _silo.AppendAsync("warm");
        _silo.Time.Forget();
        _silo.OwnerAnswers = batch =>
        {
            late.SetResult(batch);
            return new TaskCompletionSource<RoutedAnswer>().Task;
        };
        var append = AppenderHarness.Of("a");
        var answer = _silo.AppendAsync(append);
        var batch = await late.Task.WaitAsync(GateStore.Patience, Token);
        await _silo.Time.ExpireNextAsync();

        Assert.Equal(AppendOutcome.Appended, (await answer).Outcome);
        Assert.Equal([(0L, "a")], _silo.Store.Commits.Select(static one => (one.Epoch, one.Keys.Single())));

        // Now the owner takes up what it was sent.
        var answered = await _owner.Commits.CommitAsync(batch);
        Assert.Equal(2, answered.Epoch);
        Assert.Empty(answered.Results);
        Assert.Equal(1, (await _silo.Store.ReadHeadAsync(append.Stream, Token)).Version.Value);
    }

    [Fact]
    public async Task What_the_owner_has_in_its_commit_when_the_sender_waits_no_longer_does_not_land_twice_or_later()
    {
        await _silo.AppendAsync("warm");
        _silo.Time.Forget();
        var (reached, gate) = (NewSignal(), NewSignal());
        _owner.Store.Before = batch =>
        {
            reached.TrySetResult();
            return batch.Epoch == 0 ? Task.CompletedTask : gate.Task;
        };
        var append = AppenderHarness.Of("a");
        var answer = _silo.AppendAsync(append);
        await reached.Task.WaitAsync(GateStore.Patience, Token);
        var own = _owner.AppendAsync("b");
        await _silo.Time.ExpireNextAsync();
        await answer;
        gate.SetResult();

        // The owner's own append was in its queue, and is of any epoch.
        Assert.Equal(AppendOutcome.Appended, (await own).Outcome);
        Assert.Equal(1, (await _silo.Store.ReadHeadAsync(append.Stream, Token)).Version.Value);
        Assert.Equal(3, await LogEndAsync());
    }

    [Fact]
    public async Task An_owner_that_has_failed_is_passed_over_for_a_time_and_then_used_again()
    {
        var works = _silo.OwnerAnswers;
        _silo.OwnerAnswers = static _ => throw new TimeoutException("The silo is gone.");
        await _silo.AppendAsync("a");
        await _silo.AppendAsync("a");
        Assert.Equal(1, _silo.Sent);

        _silo.OwnerAnswers = works;
        _silo.Time.Advance(OwnerRoute.PassedOverFor);
        await _silo.AppendAsync("a");

        Assert.Equal(2, _silo.Store.Commits.Count);
        Assert.Equal(3, (await _silo.AppendAsync("b")).Position.Position.Value - 1);
        Assert.Equal(2, _silo.Store.Commits.Count);
    }

    [Fact]
    public async Task An_owner_that_fails_again_is_passed_over_for_longer()
    {
        _silo.OwnerAnswers = static _ => throw new TimeoutException("The silo is of an earlier version.");
        await _silo.AppendAsync("a");
        _silo.Time.Advance(OwnerRoute.PassedOverFor);
        await _silo.AppendAsync("a");
        Assert.Equal(2, _silo.Sent);

        _silo.Time.Advance(OwnerRoute.PassedOverFor);
        await _silo.AppendAsync("a");
        Assert.Equal(2, _silo.Sent);
        _silo.Time.Advance(OwnerRoute.PassedOverFor);
        await _silo.AppendAsync("a");
        Assert.Equal(3, _silo.Sent);
    }

    [Fact]
    public async Task What_the_owner_cannot_commit_the_silo_commits()
    {
        _owner.Store.Before = static _ => throw new StoreUnavailableException("The owner is cut off.");

        Assert.Equal(AppendOutcome.Appended, (await _silo.AppendAsync("a")).Outcome);
        Assert.Single(_silo.Store.Commits);
        Assert.Equal(2, await _silo.Store.ReadEpochAsync(default, Token));
    }

    [Fact]
    public async Task Where_no_new_epoch_can_be_begun_the_callers_get_the_error_and_nothing_is_committed()
    {
        _silo.OwnerAnswers = static _ => throw new TimeoutException("The silo is gone.");
        _silo.Store.BeginError = new StoreUnavailableException("The database is gone.");
        var answer = _silo.AppendAsync("a");
        await _silo.Time.NextAsync();

        _silo.Time.Advance(TimeSpan.FromMilliseconds(new AppenderOptions().CommitTimeoutMs));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => answer);
        Assert.Empty(_silo.Store.Commits);
    }

    // It would land after its callers have had an error.
    [Fact]
    public async Task What_the_owner_may_still_have_does_not_fail_before_a_new_epoch_has_begun()
    {
        await _silo.AppendAsync("warm");
        _silo.Time.Forget();
        var late = new TaskCompletionSource<RoutedBatch>(TaskCreationOptions.RunContinuationsAsynchronously);
        _silo.OwnerAnswers = batch =>
        {
            late.SetResult(batch);
            return new TaskCompletionSource<RoutedAnswer>().Task;
        };
        _silo.Store.BeginError = new StoreUnavailableException("The database is gone.");
        var append = AppenderHarness.Of("a");
        var answer = _silo.AppendAsync(append);
        var batch = await late.Task.WaitAsync(GateStore.Patience, Token);
        await _silo.Time.ExpireNextAsync();
        await _silo.Time.ExpireNextAsync();
        var again = await _silo.Time.NextAsync();
        Assert.False(answer.IsCompleted);

        _silo.Store.BeginError = null;
        _silo.Time.Advance(again);

        Assert.Equal(AppendOutcome.Appended, (await answer).Outcome);
        Assert.Empty((await _owner.Commits.CommitAsync(batch)).Results);
        Assert.Equal(1, (await _silo.Store.ReadHeadAsync(append.Stream, Token)).Version.Value);
    }

    [Fact]
    public async Task Where_no_new_epoch_can_be_begun_a_late_answer_of_the_owner_counts()
    {
        await _silo.AppendAsync("warm");
        _silo.Time.Forget();
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _silo.OwnerAnswers = async batch =>
        {
            await late.Task;
            return await _owner.Commits.CommitAsync(batch);
        };
        _silo.Store.BeginError = new StoreUnavailableException("The database is gone.");
        var answer = _silo.AppendAsync("a");
        await _silo.Time.ExpireNextAsync();
        await _silo.Time.NextAsync();

        late.SetResult();

        Assert.Equal(AppendOutcome.Appended, (await answer).Outcome);
        Assert.Empty(_silo.Store.Commits);
    }

    [Fact]
    public async Task A_silo_with_another_store_commits_its_own()
    {
        await _owner.SiloStore.InitializeAsync(Token);
        await using var silo = new RoutingSilo(new EpochStore())
        {
            OwnerAnswers = batch => _owner.Commits.CommitAsync(batch),
        };
        await silo.SiloStore.InitializeAsync(Token);

        Assert.Equal(AppendOutcome.Appended, (await silo.AppendAsync("a")).Outcome);

        Assert.Empty(_owner.Store.Commits);
        Assert.Single(silo.Store.Commits);
    }

    [Fact]
    public async Task After_another_silo_has_begun_an_epoch_a_batch_is_sent_again_in_that_one()
    {
        await _silo.AppendAsync("a");
        await _silo.Store.BeginEpochAsync(default, Token);

        Assert.Equal(AppendOutcome.Appended, (await _silo.AppendAsync("a")).Outcome);
        Assert.Empty(_silo.Store.Commits);
        Assert.Equal([1, 1, 2], _owner.Store.Commits.Select(static one => one.Epoch));
    }

    [Fact]
    public async Task Where_routing_is_off_each_silo_commits_its_own()
    {
        await using var silo = new RoutingSilo(new EpochStore(), new AppenderOptions { RoutesCommits = false })
        {
            OwnerAnswers = static _ => throw new InvalidOperationException("It is not asked."),
        };

        await silo.AppendAsync("a");

        Assert.Equal(0, silo.Sent);
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        await _owner.DisposeAsync();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task<long> LogEndAsync() =>
        (await _silo.Store.ReadLogAsync(default, LogFilter.All, 10, Token)).End.Value;
}
