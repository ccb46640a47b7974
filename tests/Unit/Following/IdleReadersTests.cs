using Granary.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Following;

/// <summary>Readers that have nothing to do ask the store for little, however many they are.</summary>
public sealed class IdleReadersTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly LossyModels _models = new(new MemoryModelStore());
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _running = [];
    private int _logReads;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(5, 16, false)]
    [InlineData(1, 1, true)]
    [InlineData(5, 16, true)]
    public async Task Idle_readers_read_what_is_asked_of_them_together_and_the_log_once_a_minute(
        int readers, int partitions, bool areSubscriptions)
    {
        const int minutes = 10;
        var (services, tail) = await StartStoreAsync(partitions);
        var workers = new List<LogWorker>();
        for (var at = 0; at < readers * partitions; at++)
            workers.Add(await StartAsync(services, $"reader-{at % readers}", at / readers, areSubscriptions));
        await tail.WaitedAsync(workers.Count);
        var (modelReads, logReads, rounds) = (_models.Reads, _logReads, minutes * 12);
        for (var round = 1; round <= rounds; round++)
        {
            _time.Advance(WorkerSession.WaitMax);
            await tail.WaitedAsync(workers.Count * (round + 1));
        }

        Assert.All(workers, static one => Assert.Equal(ReaderState.Live, one.Progress.State));
        Assert.Equal(rounds, _models.Reads - modelReads);

        // While it is not yet known that nothing happens, more often.
        Assert.InRange(_logReads - logReads, 0, workers.Count * (minutes + 4));
    }

    [Fact]
    public async Task What_is_asked_is_done_by_every_worker_within_five_seconds_whenever_it_has_begun()
    {
        var (services, tail) = await StartStoreAsync(partitions: 2);
        var first = await StartAsync(services, "reader", 0);
        await tail.WaitedAsync(1);
        _time.Advance(TimeSpan.FromSeconds(3));
        var second = await StartAsync(services, "reader", 1);
        await tail.WaitedAsync(2);
        await new ReaderSettings(_models).ChangeAsync("reader", static one => one with { Paused = true }, Token);

        // The first one looks, and finds what was read when the second one has begun.
        _time.Advance(WorkerSession.WaitMax - TimeSpan.FromSeconds(3));
        await tail.WaitedAsync(3);
        _time.Advance(TimeSpan.FromSeconds(3));

        await FollowedLog.UntilAsync(() => Task.FromResult(
            first.Progress.State == ReaderState.Paused && second.Progress.State == ReaderState.Paused));
    }

    [Fact]
    public async Task A_request_about_a_parked_stream_is_found_though_nobody_is_notified()
    {
        await using var log = await LogWorkerTests.StartedAsync();
        log.Poison.Add("bad");
        await log.AppendAsync("s", "bad");
        var (worker, _) = log.Start();
        await log.PassedAsync(worker);
        await FollowedLog.UntilAsync(() => Task.FromResult(worker.Progress.Parked == 1));
        log.Poison.Clear();
        await log.RequestAsync("s", ParkedRequest.Retry);

        await FollowedLog.UntilAsync(async () =>
        {
            log.Time.Advance(WorkerSession.WaitMax);
            return (await log.ReadParkedAsync()).Count == 0;
        });
        Assert.Equal(1, (await log.ReadCountsAsync())["s"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task<(WorkerServices Services, CountedTail Tail)> StartStoreAsync(int partitions)
    {
        var events = new MemoryEventStore(partitions, new MemorySnapshotStore());
        await events.InitializeAsync(Token);
        foreach (var table in (ModelTable[])[ReaderTables.Readers, ReaderTables.Parked, DeliveryTables.Deliveries,
            DeliveryTables.Owners, DeliveryTables.Subscriptions]) await _models.CreateTableAsync(table, Token);
        var tail = new CountedTail(events);
        var store = new SwitchedStore(() => events, () =>
        {
            Interlocked.Increment(ref _logReads);
            return Task.CompletedTask;
        });
        return (new WorkerServices(store, _models, tail, Guid.Empty, _time, NullLogger.Instance), tail);
    }

    private async Task<LogWorker> StartAsync(
        WorkerServices services, string name, int partition, bool isSubscription = false)
    {
        var definition = isSubscription
            ? SubscriptionWorkers.Define(name, SubscriptionDocument.Of(new SubscriptionSettings()))
            : new WorkerDefinition
            {
                Name = name, Kind = ReaderKind.Reactor, CreateHandler = static _ => new NoHandler(),
            };
        var at = new LogPartition(partition);
        if (isSubscription)
        {
            var claim = await SubscriptionClaim.ReadAsync(_models, name, Token);
            await claim.ReplaceAsync(SubscriptionDocument.Of(new SubscriptionSettings()), Token);
            await SubscriptionRows.BeginAsync(definition, at, services, claim, Token);
        }

        var worker = new LogWorker(definition, at, services);
        _running.Add(Task.Run(() => worker.RunAsync(_stopping.Token), Token));
        return worker;
    }

    private sealed class NoHandler : ILogHandler
    {
        public ValueTask<HandledEvents> HandleAsync(LogBatch batch, CancellationToken cancellationToken) =>
            ValueTask.FromResult(HandledEvents.Nothing);

        public void OnCommitted()
        {
        }
    }

    /// <summary>Counts who begins to wait.</summary>
    private sealed class CountedTail(ILogTail inner) : ILogTail
    {
        private readonly SemaphoreSlim _waits = new(0);
        private int _seen;

        public ValueTask<GlobalPosition> WaitAsync(LogPosition after, CancellationToken cancellationToken)
        {
            _waits.Release();
            return inner.WaitAsync(after, cancellationToken);
        }

        /// <summary>Completes when there were so many waits in all.</summary>
        public async Task WaitedAsync(int count)
        {
            for (; _seen < count; _seen++) Assert.True(await _waits.WaitAsync(Patience, Token), "Nobody waits.");
        }
    }
}
