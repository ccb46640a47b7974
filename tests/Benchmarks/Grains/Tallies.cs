using Orleans.Providers;

namespace Granary.Benchmarks;

/// <summary>On Granary, the silo's default provider.</summary>
[GrainType(Kind)]
public sealed class GranaryTally(Departures departures) : JournaledTally(departures)
{
    internal const string Kind = "bench-granary";
}

/// <summary>On Orleans' LogStorage.</summary>
[GrainType(Kind), LogConsistencyProvider(ProviderName = Kind)]
public sealed class LogStorageTally(Departures departures) : JournaledTally(departures)
{
    internal const string Kind = "bench-log-storage";
}

/// <summary>On Orleans' StateStorage.</summary>
[GrainType(Kind), LogConsistencyProvider(ProviderName = Kind)]
public sealed class StateStorageTally(Departures departures) : JournaledTally(departures)
{
    internal const string Kind = "bench-state-storage";
}
