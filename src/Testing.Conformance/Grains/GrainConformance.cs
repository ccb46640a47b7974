using Orleans.TestingHost;

namespace Granary.Testing.Conformance.Grains;

/// <summary>What a journaled grain may rely on, whatever store its events are in.</summary>
public abstract class GrainConformance<TStore> : IClassFixture<GrainFixture<TStore>>, IAsyncLifetime
    where TStore : TestStore, new()
{
    private readonly List<InProcessTestCluster> _strangers = [];
    private GrainFixture<TStore> _fixture = null!;

    protected FaultInjectingEventStore Store => _fixture.Store;

    protected ISnapshotStore Snapshots => _fixture.Snapshots;

    protected ICheckpointStore Checkpoints => _fixture.Checkpoints;

    protected InProcessTestCluster Cluster => _fixture.Cluster;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    // Resolved here and not in a constructor, so that a subclass can be empty.
    public async ValueTask InitializeAsync()
    {
        _fixture = await TestContext.Current.GetFixture<GrainFixture<TStore>>()
            ?? throw new InvalidOperationException("The runner made no fixture.");
        Assert.SkipWhen(_fixture.SkipReason is not null, _fixture.SkipReason ?? "");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in _strangers) await cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts a second cluster on the same data, separate from the first.</summary>
    protected async Task<InProcessTestCluster> StartClusterAsync(short silos = 1)
    {
        var cluster = await _fixture.StartStrangerAsync(silos);
        _strangers.Add(cluster);
        return cluster;
    }

    /// <summary>
    /// Starts a cluster on the very store that the tests can break, whose grains fail as soon as the store does.
    /// </summary>
    protected async Task<InProcessTestCluster> StartImpatientClusterAsync()
    {
        var cluster = await _fixture.StartImpatientAsync();
        _strangers.Add(cluster);
        return cluster;
    }

    protected ICounterGrain Counter(string key) => Cluster.Client.GetGrain<ICounterGrain>(key);

    protected static StreamName CounterStream(string key) => new("counter", key);

    /// <summary>Appends without the grain, as a grain of another cluster would.</summary>
    protected ValueTask<AppendResult> AppendElsewhereAsync(StreamName stream, params int[] amounts) =>
        Store.CommitAsync(
            new Append(stream, ExpectedVersion.Any, AppendId.New(TimeProvider.System),
                amounts.Select(AddedEvent).ToArray()),
            TimeProvider.System.GetUtcNow(),
            Token);

    /// <summary>Clears a stream without the grain, as a grain of another cluster would.</summary>
    protected ValueTask<AppendResult> ClearElsewhereAsync(StreamName stream) => Store.CommitAsync(
        Append.Clear(stream, ExpectedVersion.Any, AppendId.New(TimeProvider.System)),
        TimeProvider.System.GetUtcNow(), Token);

    protected async Task<List<RecordedEvent>> StoredAsync(StreamName stream)
    {
        var stored = new List<RecordedEvent>();
        await foreach (var recorded in Store.ReadStreamAsync(stream, StreamVersion.Zero, Token)) stored.Add(recorded);
        return stored;
    }

    private static NewEvent AddedEvent(int amount) =>
        new(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), "test.added",
            System.Text.Encoding.UTF8.GetBytes($$"""{"amount":{{amount}}}"""));
}
