using BenchmarkDotNet.Attributes;
using Granary.Runtime;
using Orleans.EventSourcing;

namespace Granary.Benchmarks;

/// <summary>An event into a state: as Orleans' grain does it, as ours does, and by hand.</summary>
public class FoldBenchmarks
{
    private readonly Noted _event = Noted.Of(1);
    private readonly TallyState _state = new();
    private readonly Ordinary _ordinary = new();
    private readonly Aggregate _aggregate = new();

    /// <summary>The call itself.</summary>
    [Benchmark(Baseline = true)]
    public void ByHand() => _state.Apply(_event);

    /// <summary><c>AggregateGrain</c>.</summary>
    [Benchmark]
    public void AggregateGrain() => _aggregate.Fold(_state, _event);

    /// <summary><c>JournaledGrain</c>.</summary>
    [Benchmark]
    public void JournaledGrain() => _ordinary.Fold(_state, _event);

    private sealed class Ordinary : JournaledGrain<TallyState, Noted>
    {
        public void Fold(TallyState state, Noted noted) => TransitionState(state, noted);
    }

    private sealed class Aggregate : AggregateGrain<TallyState, Noted>
    {
        public void Fold(TallyState state, Noted noted) => TransitionState(state, noted);
    }
}
