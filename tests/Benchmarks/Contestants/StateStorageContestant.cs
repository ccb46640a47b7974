namespace Granary.Benchmarks;

/// <summary>Orleans' StateStorage over storage in memory: no events are kept, and nothing is durable.</summary>
internal sealed class StateStorageContestant() : OrleansContestant(StateStorageTally.Kind)
{
    protected override void Configure(ISiloBuilder silo, string folder) =>
        silo.AddMemoryGrainStorageAsDefault().AddStateStorageBasedLogConsistencyProvider(StateStorageTally.Kind);
}
