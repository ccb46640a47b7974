using System.Collections.Concurrent;

namespace Granary.Runtime;

/// <summary>
/// The compiled methods that handle events under one name: an event calls the one with the nearest type, which is
/// decided once a type.
/// </summary>
/// <param name="owner">The class that has the methods.</param>
/// <param name="name">Their name.</param>
internal sealed class HandlerMethods<TCall>(Type owner, string name)
    where TCall : Delegate
{
    private readonly Dictionary<Type, TCall> _methods = [];
    private readonly ConcurrentDictionary<Type, TCall?> _nearest = new();

    /// <summary>The types of events that the methods name.</summary>
    public IReadOnlyCollection<Type> EventTypes => _methods.Keys;

    /// <summary>Adds a method, before the first is found; false where there is one for that type.</summary>
    public bool TryAdd(Type eventType, TCall call) => _methods.TryAdd(eventType, call);

    /// <summary>The method that handles events of a type; null where none does.</summary>
    /// <exception cref="InvalidOperationException">Two fit equally.</exception>
    public TCall? Find(Type eventType) => _nearest.GetOrAdd(eventType, FindNearest);

    private TCall? FindNearest(Type eventType) => NearestTypes.Of(_methods.Keys, eventType) switch
    {
        [] => null,
        [var one] => _methods[one],
        [var one, var other, ..] => throw new InvalidOperationException(
            $"Several methods {name} fit {eventType.Name} equally in {owner}: those for {one} and {other}. Add one for "
            + $"{eventType} itself."),
    };
}
