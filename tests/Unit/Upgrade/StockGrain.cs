using Granary.Runtime;

namespace Granary.Tests.Unit.Upgrade;

[Alias("unit.IStockGrain")]
internal interface IStockGrain : IGrainWithStringKey
{
    [Alias("Add")] Task Add(int count);

    /// <summary>Raises the event that only silos of the next version know.</summary>
    [Alias("Damage")] Task Damage(int count);

    [Alias("Get")] Task<int> Get();

    /// <summary>The silo that it lives on.</summary>
    [Alias("ReadPlace")] Task<string> ReadPlace();
}

internal interface IStockEvent;

[Alias("unit.stock-added")]
internal sealed record StockAdded(int Count) : IStockEvent;

/// <summary>
/// What the next version raises. A generic type is found only where its name is given, so that a silo of the same
/// process can be without it.
/// </summary>
[Alias(Name)]
internal sealed record StockDamaged<TCount>(TCount Count) : IStockEvent
{
    public const string Name = "unit.stock-damaged";
}

internal sealed class StockState
{
    public int Count { get; set; }

    public void Apply(StockAdded added) => Count += added.Count;

    public void Apply(StockDamaged<int> damaged) => Count -= damaged.Count;
}

[GrainType("stock")]
internal sealed class StockGrain(ILocalSiloDetails silo) : AggregateGrain<StockState, IStockEvent>, IStockGrain
{
    public Task Add(int count)
    {
        RaiseEvent(new StockAdded(count));
        return ConfirmEvents();
    }

    public Task Damage(int count)
    {
        RaiseEvent(new StockDamaged<int>(count));
        return ConfirmEvents();
    }

    public Task<int> Get() => Task.FromResult(State.Count);

    public Task<string> ReadPlace() => Task.FromResult(silo.SiloAddress.ToString());
}

/// <summary>How the next version reads what the one after it counts in dozens.</summary>
internal sealed class DozensToUnits : IUpcaster
{
    public const int Schema = 2;

    public string EventType => "unit.stock-added";

    public int SchemaVersion => Schema;

    public IEnumerable<UpcastEvent> Upcast(UpcastEvent old)
    {
        old.Payload["count"] = old.Payload["dozens"]!.GetValue<int>() * 12;
        old.Payload.Remove("dozens");
        return [old with { SchemaVersion = 1 }];
    }
}
