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

    public static TheoryData<string> Expectations => ["no stream", "a version", "any version"];

    [Theory]
    [MemberData(nameof(Expectations))]
    public async Task An_append_that_had_landed_is_answered_as_such_and_not_with_a_conflict(string expected)
    {
        await CommitAsync(AppenderHarness.Of(expected == "no stream" ? "other" : "a", events: 3));
        var unconditional = AppenderHarness.Of("a", events: 2);
        var append = new Append(unconditional.Stream, expected switch
        {
            "no stream" => ExpectedVersion.NoStream,
            "any version" => ExpectedVersion.Any,
            _ => ExpectedVersion.Exactly(new(3)),
        }, unconditional.Id, unconditional.Events);
        var before = await VersionAsync(append);
        _store.FailAfterCommit(1);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => CommitAsync(append));
        await CommitAsync(AppenderHarness.Of("a"));
        _store.ConflictOnCommit(1);

        var result = await CommitAsync(append);

        Assert.Equal((AppendOutcome.AlreadyAppended, before + 2), (result.Outcome, result.Version.Value));
        Assert.Equal(before + 3, await VersionAsync(append));
    }

    [Fact]
    public async Task A_clearing_that_had_landed_is_answered_as_such_and_not_with_a_conflict()
    {
        var append = AppenderHarness.Of("a");
        await CommitAsync(append);
        var clearing = Append.Clear(append.Stream, ExpectedVersion.Any, AppendId.New(TimeProvider.System));
        await CommitAsync(clearing);
        await CommitAsync(AppenderHarness.Of("a"));
        _store.ConflictOnCommit(1);

        Assert.Equal(AppendOutcome.AlreadyAppended, (await CommitAsync(clearing)).Outcome);
        Assert.Equal(1, await VersionAsync(append));
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
    public async Task A_commit_that_is_cancelled_at_the_gate_writes_nothing()
    {
        using var cancel = new CancellationTokenSource();
        var gate = _store.HoldNextCommit();
        var append = AppenderHarness.Of("a");
        var commit = _store.CommitAsync(append, DateTimeOffset.UnixEpoch, cancel.Token).AsTask();
        await gate.Reached.WaitAsync(GateStore.Patience, Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => commit);
        Assert.Equal(0, await VersionAsync(append));
    }

    [Fact]
    public async Task Removals_of_what_was_cleared_fail_and_wait_on_command()
    {
        var append = AppenderHarness.Of("a", events: 3);
        await CommitAsync(append);
        await CommitAsync(Append.Clear(append.Stream, ExpectedVersion.Any, AppendId.New(TimeProvider.System)));
        _store.FailScrubs(1);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _store.ScrubAsync(2, Token));

        var gate = _store.HoldNextScrub();
        var step = _store.ScrubAsync(2, Token).AsTask();
        await gate.Reached.WaitAsync(GateStore.Patience, Token);
        Assert.False(step.IsCompleted);
        gate.Open();

        Assert.True(await step);
        Assert.False(await _store.ScrubAsync(1, Token));
    }

    [Fact]
    public async Task Zero_withdraws_a_command()
    {
        _store.FailBeforeCommit(5);
        _store.FailBeforeCommit(0);

        Assert.Equal(AppendOutcome.Appended, (await CommitAsync(AppenderHarness.Of("a"))).Outcome);
    }

    [Theory]
    [InlineData(StoreReads.Heads)]
    [InlineData(StoreReads.Streams)]
    [InlineData(StoreReads.Log)]
    public async Task Reads_of_the_named_kind_fail_so_often_and_no_others(StoreReads kind)
    {
        var append = AppenderHarness.Of("a");
        await CommitAsync(append);
        _store.FailReads(2, kind);

        foreach (var other in new[] { StoreReads.Heads, StoreReads.Streams, StoreReads.Log }.Where(one => one != kind))
            Assert.Equal(1, await ReadAsync(other, append.Stream));
        for (var time = 0; time < 2; time++)
        {
            var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => ReadAsync(kind, append.Stream));
            Assert.StartsWith("Injected: a read of ", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, await ReadAsync(kind, append.Stream));
    }

    [Fact]
    public async Task A_read_fails_after_so_many_events()
    {
        var append = AppenderHarness.Of("a", events: 5);
        await CommitAsync(append);
        _store.FailReads(1, StoreReads.Streams, afterEvents: 3);
        var read = new List<long>();

        await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
        {
            await foreach (var recorded in _store.ReadStreamAsync(append.Stream, default, Token))
                read.Add(recorded.Version.Value);
        });

        Assert.Equal([1L, 2L, 3L], read);
    }

    [Theory]
    [InlineData(StoreReads.Heads)]
    [InlineData(StoreReads.Streams)]
    [InlineData(StoreReads.Log)]
    public async Task A_read_waits_at_its_gate_and_reads_what_was_committed_meanwhile(StoreReads kind)
    {
        var append = AppenderHarness.Of("a");
        var gate = _store.HoldNextRead(kind);
        var read = ReadAsync(kind, append.Stream);
        await gate.Reached.WaitAsync(GateStore.Patience, Token);
        await CommitAsync(append);

        Assert.False(read.IsCompleted);
        gate.Open();
        Assert.Equal(1, await read);
    }

    [Fact]
    public void A_gate_is_for_one_kind_of_read() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _store.HoldNextRead(StoreReads.All));

    [Fact]
    public async Task Snapshots_fail_and_wait_on_command()
    {
        var store = new FaultInjectingEventStore(_inner, new MemorySnapshotStore());
        var snapshot = SnapshotOf(new("test", "a"));
        store.FailSnapshotWrites(1);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => WriteAsync(store, snapshot));
        Assert.Null(await FindAsync(store, snapshot.Stream));

        var gate = store.HoldNextSnapshotWrite();
        var written = WriteAsync(store, snapshot);
        await gate.Reached.WaitAsync(GateStore.Patience, Token);
        Assert.Null(await FindAsync(store, snapshot.Stream));
        gate.Open();
        await written;

        store.FailSnapshotReads(1);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => FindAsync(store, snapshot.Stream));
        gate = store.HoldNextSnapshotRead();
        var found = FindAsync(store, snapshot.Stream);
        await gate.Reached.WaitAsync(GateStore.Patience, Token);
        Assert.False(found.IsCompleted);
        gate.Open();
        Assert.Equal(snapshot.Checksum, (await found)?.Checksum);
    }

    [Fact]
    public void Without_a_snapshot_store_its_faults_are_refused() =>
        Assert.Throws<InvalidOperationException>(() => _store.FailSnapshotWrites(1));

    private static Snapshot SnapshotOf(StreamName stream) => new()
    {
        Stream = stream,
        Version = new(1),
        Position = new(default, new(1)),
        Timestamp = DateTimeOffset.UnixEpoch,
        Fingerprint = "f",
        Checksum = 7,
        Payload = new byte[] { 1 },
    };

    private static Task WriteAsync(FaultInjectingEventStore store, Snapshot snapshot) =>
        store.Snapshots.WriteSnapshotAsync(snapshot, Token).AsTask();

    private static Task<Snapshot?> FindAsync(FaultInjectingEventStore store, StreamName stream) =>
        store.Snapshots.ReadSnapshotAsync(stream, new(9), null, Token).AsTask();

    // How many events a read finds.
    private async Task<long> ReadAsync(StoreReads kind, StreamName stream) => kind switch
    {
        StoreReads.Heads => (await _store.ReadHeadAsync(stream, Token)).Version.Value,
        StoreReads.Streams => (await _store.ReadStreamForwardAsync(stream, default, 9, Token)).Events.Count,
        _ => (await _store.ReadLogForwardAsync(
            LogPosition.StartOf(_store.PartitionOf(stream)), 9, Token)).Events.Count,
    };

    private Task<AppendResult> CommitAsync(Append append) =>
        _store.CommitAsync(append, DateTimeOffset.UnixEpoch, Token).AsTask();

    private async Task<long> VersionAsync(Append append) =>
        (await _inner.ReadHeadAsync(append.Stream, Token)).Version.Value;
}
