using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Granary.Runtime;

/// <summary>
/// Finds a state's <c>Apply</c> overload for an event type once and compiles the call, as the C# compiler chooses: of
/// the overloads that fit, those that the most derived class declares; of these, the one whose parameter is the most
/// specific. So an <c>Apply</c> that is declared <c>new</c> hides that of the base class.
/// </summary>
internal static class ApplyDispatch<TState, TEvent>
    where TState : class
    where TEvent : class
{
    private static readonly ConcurrentDictionary<Type, Action<TState, TEvent>> Compiled = new();
    private static readonly ConcurrentDictionary<Type, Action<TState, TEvent>?> Public = new();

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

    /// <summary>
    /// Folds an event into a state where exactly one method fits best and is public; else returns false.
    /// There, the compiled call and C#'s dynamic one cannot differ.
    /// </summary>
    public static bool TryApply(TState state, TEvent @event)
    {
        var apply = Public.GetOrAdd(@event.GetType(), static type =>
            IsSimple && Nearest(type) is [{ IsPublic: true } only] ? Compile(only) : null);
        if (apply is null) return false;
        apply(state, @event);
        return true;
    }

    /// <summary>Checks that every one of the event types can be folded; the same types only once.</summary>
    /// <exception cref="InvalidOperationException">Names those that cannot.</exception>
    public static void Validate(IReadOnlyCollection<Type> eventTypes)
    {
        if (typeof(TEvent) == typeof(object) || ReferenceEquals(Volatile.Read(ref _validated), eventTypes)) return;
        var found = eventTypes.ToLookup(Find);
        foreach (var method in found.Where(static one => one.Key is not null)) ThrowIfAsync(method.Key!);
        var missing = found[null].Select(static type => type.Name).ToArray();
        if (missing.Length > 0)
            throw new InvalidOperationException(
                $"State {typeof(TState)} has no Apply method for {string.Join(", ", missing)}. "
                + $"Add one for each event type, or one for a common base type; or give events that are not this "
                + $"aggregate's another base than {typeof(TEvent)}.");
        Volatile.Write(ref _validated, eventTypes);
    }

    // Generic overloads and optional parameters are left to C#.
    private static readonly bool IsSimple = typeof(TState)
        .GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .Where(static method => method.Name == "Apply").All(Overloads.Contains);

    private static IReadOnlyCollection<Type>? _validated;

    private static Action<TState, TEvent> Compile(Type eventType) => Compile(
        Find(eventType) ?? throw new InvalidOperationException(
            $"State {typeof(TState)} has no Apply method for {eventType}. Add one."));

    private static Action<TState, TEvent> Compile(MethodInfo method)
    {
        ThrowIfAsync(method);
        var state = Expression.Parameter(typeof(TState));
        var @event = Expression.Parameter(typeof(TEvent));
        var call = Expression.Call(state, method, Expression.Convert(@event, method.GetParameters()[0].ParameterType));
        return Expression.Lambda<Action<TState, TEvent>>(Checked(call, state), state, @event).Compile();
    }

    // A state may be returned to chain calls. Another one than that which was given would be lost.
    private static Expression Checked(MethodCallExpression call, ParameterExpression state)
    {
        if (!typeof(TState).IsAssignableFrom(call.Type)) return call;
        var message = $"{typeof(TState)}.Apply({ParameterOf(call.Method).Name}) returns another state. Apply changes "
            + "the state that it is called on.";
        var error = () => new InvalidOperationException(message);
        return Expression.IfThen(
            Expression.ReferenceNotEqual(call, state),
            Expression.Throw(Expression.Invoke(Expression.Constant(error))));
    }

    // What follows its first await would be applied later, or not at all.
    private static void ThrowIfAsync(MethodInfo method)
    {
        if (method.ReturnType == typeof(Task) || method.ReturnType.IsSubclassOf(typeof(Task))
            || method.ReturnType.Name.StartsWith(nameof(ValueTask), StringComparison.Ordinal)
            || method.IsDefined(typeof(AsyncStateMachineAttribute)))
            throw new InvalidOperationException(
                $"{typeof(TState)}.Apply({ParameterOf(method).Name}) is asynchronous. Apply changes the state at once: "
                + "decide in the grain's method, and raise what the decision needs.");
    }

    private static MethodInfo? Find(Type eventType)
    {
        var nearest = Nearest(eventType);
        return nearest.Length <= 1 ? nearest.FirstOrDefault() : throw new InvalidOperationException(
            $"State {typeof(TState)} has several Apply methods that fit {eventType} equally. "
                + "Add one for the type itself.");
    }

    private static MethodInfo[] Nearest(Type eventType)
    {
        var fitting = Overloads.Where(method => ParameterOf(method).IsAssignableFrom(eventType))
            .GroupBy(static method => DepthOf(method.GetBaseDefinition().DeclaringType!))
            .MaxBy(static group => group.Key)?.ToArray() ?? [];
        return fitting.Where(method => !Array.Exists(
            fitting, other => other != method && ParameterOf(method).IsAssignableFrom(ParameterOf(other)))).ToArray();
    }

    // An override counts where the method was first declared.
    private static int DepthOf(Type type) => type.BaseType is null ? 0 : DepthOf(type.BaseType) + 1;

    private static Type ParameterOf(MethodInfo method) => method.GetParameters()[0].ParameterType;
}
