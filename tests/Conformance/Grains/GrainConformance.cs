using Granary.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Granary.Tests.Conformance.Grains;

/// <summary>
/// What a journaled grain may rely on, whatever store its events are in. A store enrols by a subclass that makes it.
/// </summary>
public abstract class GrainConformance : IAsyncLifetime
{
    private readonly List<InProcessTestCluster> _clusters = [];

    protected FaultInjectingEventStore Store { get; private set; } = null!;

    protected ISnapshotStore Snapshots { get; private set; } = null!;

    protected InProcessTestCluster Cluster => _clusters[0];

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract ValueTask<(IEventStore Events, ISnapshotStore Snapshots)> OpenAsync();

    public async ValueTask InitializeAsync()
    {
        var (events, snapshots) = await OpenAsync();
        Store = new FaultInjectingEventStore(events);
        Snapshots = snapshots;
        await Store.InitializeAsync(Token);
        await StartClusterAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var cluster in _clusters) await cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts a cluster on the store; a second one knows nothing of the first.</summary>
    protected async Task<InProcessTestCluster> StartClusterAsync(short silos = 1,
        Action<ISiloBuilder>? configure = null)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IEventStore>(Store);
            silo.Services.AddSingleton(Snapshots);
            silo.AddGranary(static options => options.RetryDelayMs = 1);
            configure?.Invoke(silo);
        });
        var cluster = builder.Build();
        _clusters.Add(cluster);
        await cluster.DeployAsync();
        return cluster;
    }

    protected ICounterGrain Counter(string key) => Cluster.Client.GetGrain<ICounterGrain>(key);

    protected static StreamName CounterStream(string key) => new("counter", key);

    /// <summary>Appends behind the grain's back, as a grain of another cluster would.</summary>
    protected ValueTask<AppendResult> AppendElsewhereAsync(StreamName stream, params int[] amounts) =>
        Store.CommitAsync(
        new Append(stream, ExpectedVersion.Any, AppendId.New(TimeProvider.System),
            amounts.Select(AddedEvent).ToArray()),
        TimeProvider.System.GetUtcNow(),
        Token);

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
