using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;

namespace Granary.Runtime;

/// <summary>
/// Finds a state's <c>Apply</c> overload for an event type once and compiles the call. The nearest overload wins, as
/// the compiler would choose: the type itself, then its base types, then its interfaces.
/// </summary>
internal static class ApplyDispatch<TState, TEvent>
    where TState : class
    where TEvent : class
{
    private static readonly ConcurrentDictionary<Type, Action<TState, TEvent>> Compiled = new();

    private static readonly MethodInfo[] Overloads = typeof(TState)
        .GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .Where(static method =>
            method is { Name: "Apply", IsGenericMethod: false } && method.GetParameters().Length == 1)
        .ToArray();

    /// <summary>Folds an event into a state.</summary>
    /// <exception cref="InvalidOperationException">
    /// The state has no overload for it, or several that fit equally.
    /// </exception>
    public static void Apply(TState state, TEvent @event) =>
        Compiled.GetOrAdd(@event.GetType(), static type => Compile(type))(state, @event);

    /// <summary>Checks that every one of the event types can be folded.</summary>
    /// <exception cref="InvalidOperationException">Names those that cannot.</exception>
    public static void Validate(IEnumerable<Type> eventTypes)
    {
        var missing = eventTypes.Where(static type => Find(type) is null).Select(static type => type.Name).ToArray();
        if (missing.Length > 0)
            throw new InvalidOperationException(
                $"State {typeof(TState)} has no Apply method for {string.Join(", ", missing)}. "
                + "Add one for each event type, or one for a common base type.");
    }

    private static Action<TState, TEvent> Compile(Type eventType)
    {
        var method = Find(eventType) ?? throw new InvalidOperationException(
            $"State {typeof(TState)} has no Apply method for {eventType}. Add one.");
        var state = Expression.Parameter(typeof(TState));
        var @event = Expression.Parameter(typeof(TEvent));
        var call = Expression.Call(state, method, Expression.Convert(@event, method.GetParameters()[0].ParameterType));
        return Expression.Lambda<Action<TState, TEvent>>(call, state, @event).Compile();
    }

    private static MethodInfo? Find(Type eventType)
    {
        var fitting = Overloads.Where(method => ParameterOf(method).IsAssignableFrom(eventType)).ToArray();
        var nearest = fitting.Where(method => !Array.Exists(
            fitting, other => other != method && ParameterOf(method).IsAssignableFrom(ParameterOf(other)))).ToArray();
        return nearest.Length <= 1 ? nearest.FirstOrDefault() : throw new InvalidOperationException(
            $"State {typeof(TState)} has several Apply methods that fit {eventType} equally. "
                + "Add one for the type itself.");
    }

    private static Type ParameterOf(MethodInfo method) => method.GetParameters()[0].ParameterType;
}
