using Orleans.EventSourcing;

namespace Granary.Samples.EfCore;

/// <summary>An order of a shop.</summary>
[Alias("samples.IOrderGrain")]
public interface IOrderGrain : IGrainWithStringKey
{
    /// <summary>A customer places it.</summary>
    [Alias("Place")] Task Place(string customer, decimal total);

    /// <summary>It is cancelled.</summary>
    [Alias("Cancel")] Task Cancel();
}

/// <summary>What happens to an order.</summary>
public interface IOrderEvent;

/// <summary>It was placed.</summary>
[GenerateSerializer, Alias("order-placed")]
public sealed record Placed([property: Id(0)] string Customer, [property: Id(1)] decimal Total) : IOrderEvent;

/// <summary>It was cancelled.</summary>
[GenerateSerializer, Alias("order-cancelled")]
public sealed record Cancelled : IOrderEvent;

/// <summary>What an order decides on.</summary>
[GenerateSerializer, Alias("samples.OrderState")]
public sealed class OrderState
{
    /// <summary>Whether it is placed, and not cancelled.</summary>
    [Id(0)] public bool IsOpen { get; set; }

    /// <summary>Folds an event.</summary>
    public void Apply(IOrderEvent happened) => IsOpen = happened is Placed;
}

/// <summary>A grain for each order. Which orders a customer has, none of them knows.</summary>
[GrainType("order")]
public sealed class OrderGrain : JournaledGrain<OrderState, IOrderEvent>, IOrderGrain
{
    /// <inheritdoc />
    public Task Place(string customer, decimal total) => RaiseAsync(new Placed(customer, total));

    /// <inheritdoc />
    public Task Cancel() => RaiseAsync(new Cancelled());

    private async Task RaiseAsync(IOrderEvent happened)
    {
        RaiseEvent(happened);
        await ConfirmEvents();
    }
}
