using Granary.Runtime;
using Granary.Testing;
using Granary.Tests.Unit.Appending;

namespace Granary.Tests.Unit.Testing;

public sealed class FaultInjectingEventStoreTests
{
    private readonly MemoryEventStore _inner = new(2);
    private readonly FaultInjectingEventStore _store;

    public FaultInjectingEventStoreTests() => _store = new FaultInjectingEventStore(_inner);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_command_everything_goes_to_the_store_it_wraps()
    {
        await _store.InitializeAsync(Token);
        var append = AppenderHarness.Of("a");
        var result = await CommitAsync(append);

        Assert.Equal((2, 1), (_store.PartitionCount, _store.Commits));
        Assert.Equal(AppendOutcome.Appended, result.Outcome);
        Assert.Equal(
            await _inner.ReadHeadAsync(append.Stream, Token), await _store.ReadHeadAsync(append.Stream, Token));
        Assert.Single((await _store.ReadStreamForwardAsync(append.Stream, default, 9, Token)).Events);
        Assert.Single((await _store.ReadLogForwardAsync(
            LogPosition.StartOf(_store.PartitionOf(append.Stream)), 9, Token)).Events);
    }

    [Fact]
    public async Task It_fails_before_so_many_commits_and_nothing_is_written()
    {
        var append = AppenderHarness.Of("a");
        _store.FailBeforeCommit(2);

        for (var time = 0; time < 2; time++)
            await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(append));
        Assert.Equal(0, await VersionAsync(append));
        Assert.Equal(0, _store.Commits);
        Assert.Equal(AppendOutcome.Appended, (await CommitAsync(append)).Outcome);
    }

    [Fact]
    public async Task It_fails_after_so_many_commits_and_they_are_written()
    {
        var append = AppenderHarness.Of("a");
        _store.FailAfterCommit(1);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(append));
        Assert.Equal(1, await VersionAsync(append));
        Assert.Equal(1, _store.Commits);
        Assert.Equal(AppendOutcome.AlreadyAppended, (await CommitAsync(append)).Outcome);
    }

    [Fact]
    public async Task It_answers_with_a_conflict_and_nothing_is_written()
    {
        var first = AppenderHarness.Of("a", events: 3);
        await CommitAsync(first);
        _store.ConflictOnCommit(1);
        var result = await CommitAsync(AppenderHarness.Of("a"));

        Assert.Equal((AppendOutcome.Conflict, 3L), (result.Outcome, result.Version.Value));
        Assert.Equal(3, await VersionAsync(first));
        Assert.Equal(1, _store.Commits);
        Assert.Equal(AppendOutcome.Appended, (await CommitAsync(AppenderHarness.Of("a"))).Outcome);
    }

    [Fact]
    public async Task Commits_wait_at_their_gates_until_these_are_opened()
    {
        var (one, two) = (_store.HoldNextCommit(), _store.HoldNextCommit());
        var first = CommitAsync(AppenderHarness.Of("a"));
        await one.Reached.WaitAsync(GateStore.Patience, Token);
        Assert.False(two.Reached.IsCompleted);
        var second = CommitAsync(AppenderHarness.Of("b"));
        await two.Reached.WaitAsync(GateStore.Patience, Token);

        Assert.Equal((false, false, 0), (first.IsCompleted, second.IsCompleted, _store.Commits));
        two.Open();
        await second;
        Assert.False(first.IsCompleted);
        one.Open();
        await first;
        Assert.Equal(2, _store.Commits);
        await CommitAsync(AppenderHarness.Of("c"));
    }

    [Fact]
    public async Task A_commit_that_is_given_up_at_the_gate_writes_nothing()
    {
        using var giveUp = new CancellationTokenSource();
        var gate = _store.HoldNextCommit();
        var append = AppenderHarness.Of("a");
        var commit = _store.CommitAsync(append, DateTimeOffset.UnixEpoch, giveUp.Token).AsTask();
        await gate.Reached.WaitAsync(GateStore.Patience, Token);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => commit);
        Assert.Equal(0, await VersionAsync(append));
    }

    [Fact]
    public async Task Zero_takes_a_command_back()
    {
        _store.FailBeforeCommit(5);
        _store.FailBeforeCommit(0);

        Assert.Equal(AppendOutcome.Appended, (await CommitAsync(AppenderHarness.Of("a"))).Outcome);
    }

    private Task<AppendResult> CommitAsync(Append append) =>
        _store.CommitAsync(append, DateTimeOffset.UnixEpoch, Token).AsTask();

    private async Task<long> VersionAsync(Append append) =>
        (await _inner.ReadHeadAsync(append.Stream, Token)).Version.Value;
}
