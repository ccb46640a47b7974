namespace Granary.Benchmarks;

/// <summary>What every contestant's grain does, whatever it keeps its events in.</summary>
[Alias("bench.ITallyGrain")]
public interface ITallyGrain : IGrainWithIntegerKey
{
    /// <summary>Raises one event and confirms it; answers how many there are.</summary>
    [Alias("Add")] Task<long> Add(long amount);

    /// <summary>Raises so many events and confirms them together; answers how many there are.</summary>
    [Alias("AddMany")] Task<long> AddMany(int events);

    /// <summary>Confirms so many events one after another within one call; answers how many there are.</summary>
    [Alias("AddInTurn")] Task<long> AddInTurn(int events);

    /// <summary>How many events there are.</summary>
    [Alias("Count")] Task<long> Count();

    /// <summary>Deactivates the grain when the call is over.</summary>
    [Alias("Leave")] Task Leave();
}
