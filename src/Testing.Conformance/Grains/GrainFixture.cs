using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Granary.Testing.Conformance.Grains;

/// <summary>
/// The store and the cluster that the tests of a class share, because a cluster takes a second to start. Each test has
/// keys of its own.
/// </summary>
public sealed class GrainFixture<TStore> : IAsyncLifetime
    where TStore : TestStore, new()
{
    private readonly TStore _store = new();

    public FaultInjectingEventStore Store { get; private set; } = null!;

    public ISnapshotStore Snapshots { get; private set; } = null!;

    public ICheckpointStore Checkpoints { get; private set; } = null!;

    public InProcessTestCluster Cluster { get; private set; } = null!;

    /// <summary>Why there is no cluster: the tests of the class are skipped.</summary>
    public string? SkipReason => _store.SkipReason;

    public async ValueTask InitializeAsync()
    {
        if (SkipReason is not null) return;
        var opened = await _store.OpenAsync();
        Store = new FaultInjectingEventStore(opened.Events);
        (Snapshots, Checkpoints) = (opened.Snapshots, opened.Checkpoints);
        Cluster = await StartClusterAsync(Store, Snapshots, Checkpoints);
    }

    /// <summary>
    /// Starts a cluster separate from the others, on an instance of the store of its own, like another process.
    /// </summary>
    public async Task<InProcessTestCluster> StartStrangerAsync(short silos)
    {
        var opened = await _store.OpenAsync();
        return await StartClusterAsync(opened.Events, opened.Snapshots, opened.Checkpoints, silos);
    }

    /// <summary>
    /// Starts a cluster on the very store that the tests can break, whose grains fail as soon as the store does.
    /// </summary>
    public Task<InProcessTestCluster> StartImpatientAsync() =>
        StartClusterAsync(Store, Snapshots, Checkpoints, configure: static options => options.RetryTimeoutMs = 1);

    public async ValueTask DisposeAsync()
    {
        // There is none where the tests are skipped, or where the store could not be opened.
        if (Cluster is not null) await Cluster.DisposeAsync();
        await _store.DisposeAsync();
    }

    private static async Task<InProcessTestCluster> StartClusterAsync(
        IEventStore events, ISnapshotStore snapshots, ICheckpointStore checkpoints, short silos = 1,
        Action<JournalOptions>? configure = null)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(events);
            silo.Services.AddSingleton(snapshots);
            silo.Services.AddSingleton(checkpoints);
            silo.AddGranary().ConfigureJournal(options =>
            {
                options.RetryDelayMs = 1;
                configure?.Invoke(options);
            });
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }
}
