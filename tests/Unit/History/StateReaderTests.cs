using Granary.Runtime;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Tests.Unit.History;

public sealed class StateReaderTests
{
    private static readonly StreamName Stream = new("test", "long");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Other_turns_of_the_grain_run_while_a_long_stream_is_folded()
    {
        var snapshots = new MemorySnapshotStore();
        var store = new MemoryEventStore(1, snapshots);
        await AppendAsync(store, 2_000);
        var journal = new CountingJournal();

        // As in a grain, one thing runs at a time, and a call that comes meanwhile is queued after it.
        var turns = new TaskFactory(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
        var foldedAtOtherTurn = new TaskCompletionSource<int>();
        journal.AtFirst = () => turns.StartNew(() => foldedAtOtherTurn.SetResult(journal.Folded), Token);
        var view = await await turns.StartNew(
            () => new StateReader(store, snapshots, journal, NullLogger.Instance)
                .AtVersionAsync(new(2_000), Token), Token);

        Assert.InRange(await foldedAtOtherTurn.Task.WaitAsync(Token), 1, 256);
        Assert.Equal((2_000, 2_000L), (journal.Folded, view.Version.Value));
    }

    [Fact]
    public async Task A_stream_cleared_between_its_head_and_its_events_has_no_such_version()
    {
        var snapshots = new MemorySnapshotStore();
        var store = new MemoryEventStore(1, snapshots);
        await AppendAsync(store, 5);
        var reader = new StateReader(
            new ClearedMeanwhile(store), snapshots, new CountingJournal(), NullLogger.Instance);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => reader.AtVersionAsync(new(5), Token));
    }

    private static async Task AppendAsync(MemoryEventStore store, int count)
    {
        var now = DateTimeOffset.UnixEpoch;
        var events = Enumerable.Range(0, count)
            .Select(_ => new NewEvent(Guid.CreateVersion7(now), "test.one", "{}"u8.ToArray())).ToArray();
        await store.CommitAsync(
            new Append(Stream, ExpectedVersion.NoStream, AppendId.New(TimeProvider.System), events), now, Token);
    }

    private sealed class CountingJournal : IJournal
    {
        public int Folded { get; private set; }

        public Action? AtFirst { get; set; }

        public StreamName Stream => StateReaderTests.Stream;

        public StreamVersion Version => StreamVersion.Zero;

        public LogPosition Position => LogPosition.StartOf(new LogPartition(0));

        public object ConfirmedState => new();

        public object CreateState() => new();

        public Snapshot? TakeSnapshot() => null;

        public object? DecodeSnapshot(Snapshot snapshot, bool ofOtherCode = false) => null;

        public ValueTask<Snapshot?> TakeSnapshotAtAsync(StreamVersion version, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task DeleteAsync(ExpectedVersion expected, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public void Fold(object state, RecordedEvent recorded)
        {
            if (Folded++ == 0) AtFirst?.Invoke();
        }
    }

    private sealed class ClearedMeanwhile(IEventStore inner) : IEventStore
    {
        public int PartitionCount => inner.PartitionCount;

        public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken) =>
            inner.InitializeAsync(cancellationToken);

        public ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken) =>
            inner.CommitAsync(batch, cancellationToken);

        public async ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken)
        {
            var head = await inner.ReadHeadAsync(stream, cancellationToken);
            var clear = Append.Clear(stream, ExpectedVersion.Any, AppendId.New(TimeProvider.System));
            await inner.CommitAsync(clear, DateTimeOffset.UnixEpoch, cancellationToken);
            return head;
        }

        public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
            StreamName stream, StreamVersion after, CancellationToken cancellationToken) =>
            inner.ReadStreamAsync(stream, after, cancellationToken);

        public ValueTask<LogPage> ReadLogAsync(
            LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken) =>
            inner.ReadLogAsync(after, filter, limit, cancellationToken);

        public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken) =>
            inner.TruncateAsync(truncation, cancellationToken);

        public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) =>
            inner.ScrubAsync(eventsMax, cancellationToken);
    }
}
