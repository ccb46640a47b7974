using Orleans.EventSourcing;

namespace Granary.Samples.Projections;

/// <summary>The till of a shop.</summary>
[Alias("samples.ITillGrain")]
public interface ITillGrain : IGrainWithStringKey
{
    /// <summary>Sells something to a customer.</summary>
    [Alias("Sell")] Task Sell(string customer, decimal amount);
}

/// <summary>Something was sold.</summary>
[GenerateSerializer, Alias("sold")]
public sealed record Sold([property: Id(0)] string Customer, [property: Id(1)] decimal Amount);

/// <summary>What is in the till.</summary>
[GenerateSerializer, Alias("samples.TillState")]
public sealed class TillState
{
    /// <summary>The sum of all sales.</summary>
    [Id(0)] public decimal Total { get; set; }

    /// <summary>Folds a sale.</summary>
    public void Apply(Sold sold) => Total += sold.Amount;
}

/// <summary>A grain for each till. Which customer bought how much at all tills, none of them knows.</summary>
[GrainType("till")]
public sealed class TillGrain : JournaledGrain<TillState, Sold>, ITillGrain
{
    /// <inheritdoc />
    public async Task Sell(string customer, decimal amount)
    {
        RaiseEvent(new Sold(customer, amount));
        await ConfirmEvents();
    }
}
