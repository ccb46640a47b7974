using Orleans.EventSourcing;

namespace Granary.Samples.FirstAggregate;

/// <summary>A counter.</summary>
[Alias("samples.ICounterGrain")]
public interface ICounterGrain : IGrainWithStringKey
{
    /// <summary>Adds to the counter and returns the new total.</summary>
    [Alias("Add")] Task<int> Add(int amount);

    /// <summary>Returns the total.</summary>
    [Alias("GetTotal")] Task<int> GetTotal();
}

/// <summary>What happens to a counter. The alias is the event's name in the log.</summary>
[GenerateSerializer, Alias("counted")]
public sealed record Counted([property: Id(0)] int Amount);

/// <summary>What the events add up to. With a serializer it can be kept in snapshots.</summary>
[GenerateSerializer, Alias("samples.CounterState")]
public sealed class CounterState
{
    /// <summary>The sum of all that was counted.</summary>
    [Id(0)] public int Total { get; set; }

    /// <summary>Folds an event into the state.</summary>
    public void Apply(Counted counted) => Total += counted.Amount;
}

/// <summary>An ordinary journaled grain of Orleans: nothing in it refers to Granary.</summary>
[GrainType("counter")]
public sealed class CounterGrain : JournaledGrain<CounterState, Counted>, ICounterGrain
{
    /// <inheritdoc />
    public async Task<int> Add(int amount)
    {
        RaiseEvent(new Counted(amount));
        await ConfirmEvents();
        return State.Total;
    }

    /// <inheritdoc />
    public Task<int> GetTotal() => Task.FromResult(State.Total);
}
