using Orleans.EventSourcing;

namespace Granary.Samples.Testing;

/// <summary>A shopping cart.</summary>
[Alias("samples.ICartGrain")]
public interface ICartGrain : IGrainWithStringKey
{
    /// <summary>Adds an item and returns how many there are.</summary>
    [Alias("Add")] Task<int> Add(string item);

    /// <summary>Removes an item.</summary>
    /// <exception cref="InvalidOperationException">It is not in the cart.</exception>
    [Alias("Remove")] Task Remove(string item);
}

/// <summary>The base of a cart's events.</summary>
public abstract record CartEvent;

/// <summary>An item was added.</summary>
[GenerateSerializer, Alias("item-added")]
public sealed record ItemAdded([property: Id(0)] string Item) : CartEvent;

/// <summary>An item was removed.</summary>
[GenerateSerializer, Alias("item-removed")]
public sealed record ItemRemoved([property: Id(0)] string Item) : CartEvent;

/// <summary>The cart's state.</summary>
[GenerateSerializer, Alias("samples.CartState")]
public sealed class CartState
{
    /// <summary>What is in the cart.</summary>
    [Id(0)] public List<string> Items { get; set; } = [];

    /// <summary>Folds an addition.</summary>
    public void Apply(ItemAdded added) => Items.Add(added.Item);

    /// <summary>Folds a removal.</summary>
    public void Apply(ItemRemoved removed) => Items.Remove(removed.Item);
}

/// <summary>The grain under test.</summary>
[GrainType("cart")]
public sealed class CartGrain : JournaledGrain<CartState, CartEvent>, ICartGrain
{
    /// <inheritdoc />
    public async Task<int> Add(string item)
    {
        RaiseEvent(new ItemAdded(item));
        await ConfirmEvents();
        return State.Items.Count;
    }

    /// <inheritdoc />
    public async Task Remove(string item)
    {
        if (!State.Items.Contains(item)) throw new InvalidOperationException($"{item} is not in the cart.");
        RaiseEvent(new ItemRemoved(item));
        await ConfirmEvents();
    }
}
