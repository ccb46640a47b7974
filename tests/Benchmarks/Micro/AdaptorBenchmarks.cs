using BenchmarkDotNet.Attributes;

namespace Granary.Benchmarks;

/// <summary>Raise and confirm a thousand times within one call: the journal without the calls around it.</summary>
public class AdaptorBenchmarks
{
    private const int Events = 1_000;

    private BenchSilo _silo = null!;
    private int _grain;

    /// <summary>Starts a silo.</summary>
    [GlobalSetup]
    public void Setup() => _silo = MemorySilo.Start();

    /// <summary>Stops it.</summary>
    [GlobalCleanup]
    public void Cleanup() => MemorySilo.Stop(_silo);

    /// <summary>One event a confirmation.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public Task<long> RaiseAndConfirm() => _silo.Tally(GranaryTally.Kind, ++_grain).AddInTurn(Events);

    /// <summary>All in one confirmation.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public Task<long> RaiseManyAndConfirm() => _silo.Tally(GranaryTally.Kind, ++_grain).AddMany(Events);
}
