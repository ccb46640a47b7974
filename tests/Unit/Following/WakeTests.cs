using Granary.Runtime;
using Granary.Testing;
using Granary.Tests.Unit.Projections;
using Granary.Tests.Unit.Retention;

namespace Granary.Tests.Unit.Following;

/// <summary>Readers that are woken every few seconds report where they are, and read the log where they must.</summary>
public sealed class WakeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reader_that_waits_at_the_end_of_the_log_is_woken_without_a_read_of_it()
    {
        const int wakes = 200;
        var store = new CountedStore();
        await using var cluster = await GranaryTestCluster.StartAsync(new GranaryTestClusterOptions
        {
            Store = store,
            Configure = static (_, granary) => granary.AddProjection<Tallies>(),
        });
        await cluster.Grains.GetGrain<ITallyGrain>("a").Add(1);
        var reader = cluster.Grains.GetGrain<IReaderGrain>(ReaderKeys.Of("tallies_v1", default));
        await FollowedLog.UntilAsync(async () =>
            await reader.WaitFor(new GlobalPosition(1), TimeSpan.FromSeconds(30), Token) >= new GlobalPosition(1)
            && (await reader.GetStatus()).State == ReaderState.Live);

        // Once it waits; beside its own reads that are due, and what else reads the log.
        await FollowedLog.UntilAsync(async () =>
        {
            var before = store.Reads;
            for (var at = 0; at < wakes; at++) await reader.Wake();
            return store.Reads - before < wakes / 10;
        });
        var services = cluster.Cluster.GetSiloServiceProvider();
        var reports = (ReaderReports)services.GetService(typeof(ReaderReports))!;
        var status = Assert.Single(reports.Latest);
        Assert.Equal((1, 0), (status.End.Value, status.Lag));
    }

    /// <summary>A log in memory whose reads are counted.</summary>
    private sealed class CountedStore : IEventStore, ILogTail
    {
        private readonly MemoryEventStore _inner = new(1, new MemorySnapshotStore());
        private int _reads;

        public int Reads => Volatile.Read(ref _reads);

        public int PartitionCount => _inner.PartitionCount;

        public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken) =>
            _inner.InitializeAsync(cancellationToken);

        public ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken) =>
            _inner.CommitAsync(batch, cancellationToken);

        public ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
            _inner.ReadHeadAsync(stream, cancellationToken);

        public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
            StreamName stream, StreamVersion after, CancellationToken cancellationToken) =>
            _inner.ReadStreamAsync(stream, after, cancellationToken);

        public ValueTask<LogPage> ReadLogAsync(
            LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _reads);
            return _inner.ReadLogAsync(after, filter, limit, cancellationToken);
        }

        public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken) =>
            _inner.TruncateAsync(truncation, cancellationToken);

        public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) =>
            _inner.ScrubAsync(eventsMax, cancellationToken);

        public ValueTask<GlobalPosition> WaitAsync(LogPosition after, CancellationToken cancellationToken) =>
            _inner.WaitAsync(after, cancellationToken);
    }
}
