namespace Granary.Benchmarks;

/// <summary>Orleans' LogStorage over storage in memory: nothing is durable.</summary>
internal sealed class LogStorageContestant() : OrleansContestant(LogStorageTally.Kind)
{
    protected override void Configure(ISiloBuilder silo, string folder) =>
        silo.AddMemoryGrainStorageAsDefault().AddLogStorageBasedLogConsistencyProvider(LogStorageTally.Kind);
}
