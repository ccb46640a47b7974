namespace Granary.Benchmarks;

/// <summary>The one model that is measured: a counter for each stream.</summary>
public sealed record Counter(long Events, long Total);

/// <summary>Counts the events of each stream.</summary>
[Projection(CounterProjection.Name)]
public sealed class CounterProjection : Projection<Counter>
{
    internal const string Name = "counters";

    /// <summary>Declares it: no column but what every table has.</summary>
    public CounterProjection() => Categories(GranaryTally.Kind);

    /// <summary>The first event of a stream.</summary>
    public static Counter Create(Noted noted) => new(1, noted.Amount);

    /// <summary>Each one after it.</summary>
    public static Counter Apply(Counter counter, Noted noted) =>
        new(counter.Events + 1, counter.Total + noted.Amount);
}
