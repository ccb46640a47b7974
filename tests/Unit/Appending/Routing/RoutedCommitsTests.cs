using Granary.Runtime;

namespace Granary.Tests.Unit.Appending.Routing;

/// <summary>The owner of a partition queues what other silos send beside its own appends.</summary>
public sealed class RoutedCommitsTests : IAsyncDisposable
{
    private readonly RoutingSilo _owner = new(new EpochStore());

    [Fact]
    public async Task Appends_of_several_silos_share_a_commit()
    {
        var (reached, gate) = Hold();
        var first = _owner.AppendAsync("first");
        await reached.Task.WaitAsync(GateStore.Patience, TestContext.Current.CancellationToken);
        var routed = _owner.Commits.CommitAsync(BatchOf(1, "a", "b"));
        var own = _owner.AppendAsync("own");
        var other = _owner.Commits.CommitAsync(BatchOf(1, "c"));
        gate.SetResult();

        await Task.WhenAll(first, own);
        Assert.Equal(2, (await routed).Results.Length);
        Assert.Single((await other).Results);
        Assert.Equal(["first", "a,b,own,c"], _owner.Store.Commits.Select(static one => string.Join(',', one.Keys)));
        Assert.Equal([0, 1], _owner.Store.Commits.Select(static one => one.Epoch));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_batch_of_another_epoch_is_not_queued_and_the_sender_gets_the_epoch(long epoch)
    {
        var answer = await _owner.Commits.CommitAsync(BatchOf(epoch, "a"));

        Assert.Equal(1, answer.Epoch);
        Assert.Empty(answer.Results);
        Assert.Empty(_owner.Store.Commits);
    }

    [Fact]
    public async Task Where_a_commit_is_of_an_epoch_that_is_over_the_appends_of_the_silo_itself_land()
    {
        var (reached, gate) = Hold();
        var first = _owner.AppendAsync("first");
        await reached.Task.WaitAsync(GateStore.Patience, TestContext.Current.CancellationToken);
        var stale = _owner.Commits.CommitAsync(BatchOf(1, "stale", "too"));
        var own = _owner.AppendAsync("own");
        await _owner.Store.BeginEpochAsync(default, TestContext.Current.CancellationToken);
        gate.SetResult();
        await first;

        Assert.Equal(AppendOutcome.Appended, (await own).Outcome);
        Assert.Equal((2, 0), ((await stale).Epoch, (await stale).Results.Length));
        Assert.Equal(
            ["first", "stale,too,own", "own"], _owner.Store.Commits.Select(static one => string.Join(',', one.Keys)));
    }

    // What this silo and the sender know is then later than what the store has.
    [Fact]
    public async Task Where_an_older_copy_has_replaced_the_store_what_is_of_a_later_epoch_is_refused_once()
    {
        await _owner.Store.BeginEpochAsync(default, TestContext.Current.CancellationToken);
        Assert.Single((await _owner.Commits.CommitAsync(BatchOf(2, "before"))).Results);
        var (reached, gate) = Hold();
        var first = _owner.AppendAsync("first");
        await reached.Task.WaitAsync(GateStore.Patience, TestContext.Current.CancellationToken);
        _owner.Store.ReturnTo(1);
        var stale = _owner.Commits.CommitAsync(BatchOf(2, "stale"));
        var own = _owner.AppendAsync("own");
        gate.SetResult();
        await first;

        Assert.Equal(AppendOutcome.Appended, (await own).Outcome);
        var answer = await stale.WaitAsync(GateStore.Patience, TestContext.Current.CancellationToken);
        Assert.Equal((1, 0), (answer.Epoch, answer.Results.Length));
        Assert.Equal(
            ["before", "first", "stale,own", "own"],
            _owner.Store.Commits.Select(static one => string.Join(',', one.Keys)));
        Assert.Single((await _owner.Commits.CommitAsync(BatchOf(1, "after"))).Results);
    }

    [Fact]
    public async Task A_batch_of_a_silo_with_another_store_is_not_committed()
    {
        await _owner.SiloStore.InitializeAsync(TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<InvalidOperationException>(() => _owner.Commits.CommitAsync(BatchOf(1, "a")));

        Assert.Empty(_owner.Store.Commits);
    }

    [Fact]
    public async Task In_a_commit_of_two_epochs_only_the_later_one_lands()
    {
        var (reached, gate) = Hold();
        var first = _owner.AppendAsync("first");
        await reached.Task.WaitAsync(GateStore.Patience, TestContext.Current.CancellationToken);
        var stale = _owner.Commits.CommitAsync(BatchOf(1, "stale"));
        await _owner.Store.BeginEpochAsync(default, TestContext.Current.CancellationToken);
        var current = _owner.Commits.CommitAsync(BatchOf(2, "current"));
        gate.SetResult();
        await first;

        Assert.Equal((2, 0), ((await stale).Epoch, (await stale).Results.Length));
        Assert.Equal((2, 1), ((await current).Epoch, (await current).Results.Length));
        Assert.Equal(["first", "current"], _owner.Store.Commits.Select(static one => string.Join(',', one.Keys)));
    }

    [Fact]
    public async Task Every_part_of_an_append_comes_through()
    {
        var written = new NewEvent(TimeProvider.System, "noted", new byte[] { 1, 2 })
        {
            SchemaVersion = 3,
            ContentType = "application/x",
            Metadata = EventMetadata.Of([new("actor", "someone")]),
        };
        var append = new Append(
            new StreamName("test", "a"), ExpectedVersion.NoStream, AppendId.New(TimeProvider.System), [written]);
        await _owner.Commits.CommitAsync(RoutedBatch.Of(new AppendBatch(default, default, [append]), 1, default));

        var read = await _owner.Store.ReadStreamAsync(append.Stream, default, TestContext.Current.CancellationToken)
            .SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal((written.Id, append.Id, "noted", 3), (read.Id, read.AppendId, read.Type, read.SchemaVersion));
        Assert.Equal(("application/x", "someone"), (read.ContentType, read.Metadata.Actor));
        Assert.Equal([1, 2], read.Payload.ToArray());

        var clear = Append.Clear(append.Stream, ExpectedVersion.Exactly(new(1)), AppendId.New(TimeProvider.System));
        var cleared = await _owner.Commits.CommitAsync(
            RoutedBatch.Of(new AppendBatch(default, default, [clear]), 1, default));
        Assert.Equal(AppendOutcome.Appended, Assert.Single(cleared.Results).Outcome);
        var page = await _owner.Store.ReadLogAsync(
            default, LogFilter.All, 10, TestContext.Current.CancellationToken);
        Assert.Equal(2, page.Events.Count(static one => one.IsTombstone));
    }

    public ValueTask DisposeAsync() => _owner.DisposeAsync();

    private static RoutedBatch BatchOf(long epoch, params string[] keys) => RoutedBatch.Of(
        new AppendBatch(default, default, [.. keys.Select(static key => AppenderHarness.Of(key))]), epoch, default);

    private (TaskCompletionSource Reached, TaskCompletionSource Gate) Hold()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _owner.Store.Before = _ =>
        {
            reached.TrySetResult();
            return gate.Task;
        };
        return (reached, gate);
    }
}
