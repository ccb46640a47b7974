using System.Collections.Concurrent;
using Granary.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Granary.Tests.Unit.Snapshots;

public sealed class SnapshotWriterTests : IAsyncDisposable
{
    private readonly Shelf _shelf = new();
    private readonly OneStage _silo = new();
    private readonly SnapshotWriter _writer;

    public SnapshotWriterTests()
    {
        var options = Options.Create(new SnapshotOptions { QueueLengthMax = 2 });
        _writer = new SnapshotWriter(_shelf, options, NullLogger<SnapshotWriter>.Instance);
        _writer.Participate(_silo);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _shelf.Open();
        await _writer.DisposeAsync();
    }

    [Fact]
    public async Task What_is_queued_when_the_silo_stops_is_written()
    {
        Assert.True(_writer.TryEnqueue(SnapshotsTests.Make(1, default)));
        Assert.True(_writer.TryEnqueue(SnapshotsTests.Make(2, default)));
        _shelf.Open();
        await _silo.OnStart(Token);
        await _silo.OnStop(Token);

        Assert.Equal([1L, 2L], _shelf.Written);
        Assert.False(_writer.TryEnqueue(SnapshotsTests.Make(3, default)));
    }

    [Fact]
    public void A_snapshot_that_finds_the_queue_full_is_dropped_and_no_caller_waits()
    {
        Assert.True(_writer.TryEnqueue(SnapshotsTests.Make(1, default)));
        Assert.True(_writer.TryEnqueue(SnapshotsTests.Make(2, default)));
        Assert.False(_writer.TryEnqueue(SnapshotsTests.Make(3, default)));
    }

    [Fact]
    public void A_snapshot_of_any_size_is_taken_where_none_waits_and_no_other_beside_it()
    {
        Assert.True(_writer.TryEnqueue(SnapshotsTests.Make(1, new byte[SnapshotWriter.QueueBytesMax + 1])));
        Assert.False(_writer.TryEnqueue(SnapshotsTests.Make(2, new byte[1])));
    }

    [Fact]
    public async Task What_was_written_leaves_its_bytes_to_others()
    {
        var more = new byte[(SnapshotWriter.QueueBytesMax / 2) + 1];
        Assert.True(_writer.TryEnqueue(SnapshotsTests.Make(1, more)));
        Assert.False(_writer.TryEnqueue(SnapshotsTests.Make(3, more)));
        Assert.True(_writer.TryEnqueue(SnapshotsTests.Make(2, new byte[1])));
        await _silo.OnStart(Token);
        _shelf.Open();
        await _shelf.SecondBegun.WaitAsync(TimeSpan.FromSeconds(30), Token);

        Assert.True(_writer.TryEnqueue(SnapshotsTests.Make(3, more)));
    }

    [Fact]
    public async Task A_snapshot_that_fails_hinders_no_other()
    {
        _shelf.FailAt = 1;
        _shelf.Open();
        _writer.TryEnqueue(SnapshotsTests.Make(1, default));
        _writer.TryEnqueue(SnapshotsTests.Make(2, default));
        await _silo.OnStart(Token);
        await _silo.OnStop(Token);

        Assert.Equal([2L], _shelf.Written);
    }

    [Fact]
    public async Task A_store_that_hangs_does_not_keep_the_silo_from_stopping()
    {
        _writer.TryEnqueue(SnapshotsTests.Make(1, default));
        _writer.TryEnqueue(SnapshotsTests.Make(2, default));
        await _silo.OnStart(Token);
        using var ranOut = new CancellationTokenSource();
        var stopping = _silo.OnStop(ranOut.Token);
        Assert.False(stopping.IsCompleted);
        await ranOut.CancelAsync();
        await stopping.WaitAsync(TimeSpan.FromSeconds(30), Token);

        Assert.Empty(_shelf.Written);
    }

    private sealed class Shelf : ISnapshotStore
    {
        private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly TaskCompletionSource _second = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task SecondBegun => _second.Task;

        public ConcurrentQueue<long> Written { get; } = [];

        public long FailAt { get; set; }

        public void Open() => _opened.TrySetResult();

        public async ValueTask WriteSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken)
        {
            await _opened.Task.WaitAsync(cancellationToken);
            if (snapshot.Version.Value == 2) _second.TrySetResult();
            if (snapshot.Version.Value == FailAt) throw new StoreUnavailableException("On purpose.");
            Written.Enqueue(snapshot.Version.Value);
        }

        public ValueTask<Snapshot?> ReadSnapshotAsync(
            StreamName stream, StreamVersion atMost, DateTimeOffset? notAfter, CancellationToken cancellationToken) =>
            ValueTask.FromResult<Snapshot?>(null);
    }

    private sealed class OneStage : ISiloLifecycle
    {
        private ILifecycleObserver? _observer;

        public int HighestCompletedStage => 0;

        public int LowestStoppedStage => 0;

        public Task OnStart(CancellationToken token) => _observer!.OnStart(token);

        public Task OnStop(CancellationToken token) => _observer!.OnStop(token);

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            _observer = observer;
            return new Subscription();
        }

        private sealed class Subscription : IDisposable
        {
            public void Dispose()
            {
            }
        }
    }
}
