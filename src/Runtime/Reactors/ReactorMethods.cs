using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;

namespace Granary.Runtime;

/// <summary>The compiled <c>React</c> methods of a reactor.</summary>
internal sealed class ReactorMethods
{
    private const string Form = "public Task React(TEvent, EffectContext, CancellationToken)";
    private const BindingFlags Any =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly Type _reactor;
    private readonly Dictionary<Type, ReactorMethod> _methods = [];
    private readonly ConcurrentDictionary<Type, ReactorMethod?> _nearest = new();

    /// <summary>Finds the methods of a type.</summary>
    /// <exception cref="InvalidOperationException">
    /// It has none, or one that is not as it has to be; the message names it.
    /// </exception>
    public ReactorMethods(Type reactor)
    {
        _reactor = reactor;
        foreach (var method in reactor.GetMethods(Any).Where(static one => one.Name == "React"))
        {
            Check(method);
            if (!_methods.TryAdd(method.GetParameters()[0].ParameterType, Compile(method)))
                throw Fault(method, "is declared again in a derived class; override it instead");
        }

        if (_methods.Count == 0)
            throw new InvalidOperationException($"The reactor {reactor} handles no event. Add a method {Form}.");
    }

    /// <summary>The types that its methods name.</summary>
    public IReadOnlyCollection<Type> EventTypes => _methods.Keys;

    /// <summary>The method that handles events of a type; null where none does.</summary>
    /// <exception cref="InvalidOperationException">Two fit equally.</exception>
    public ReactorMethod? Find(Type eventType) => _nearest.GetOrAdd(eventType, FindNearest);

    private ReactorMethod? FindNearest(Type eventType)
    {
        var fitting = _methods.Keys.Where(one => one.IsAssignableFrom(eventType)).ToArray();
        var nearest = fitting
            .Where(one => !Array.Exists(fitting, other => other != one && one.IsAssignableFrom(other))).ToArray();
        if (nearest.Length > 1)
            throw new InvalidOperationException(
                $"The reactor {_reactor} has React methods for {nearest[0]} and {nearest[1]}, which fit the event "
                + $"{eventType} equally. Add one for {eventType}.");
        return nearest.Length == 0 ? null : _methods[nearest[0]];
    }

    private void Check(MethodInfo method)
    {
        if (method.IsStatic) throw Fault(method, "is static");
        if (!method.IsPublic) throw Fault(method, "is not public");
        if (method.IsGenericMethod) throw Fault(method, "is generic");
        if (method.ReturnType != typeof(Task))
            throw Fault(method, method.ReturnType == typeof(void)
                ? "returns void, so that its end cannot be awaited"
                : $"returns {method.ReturnType}");
        if (method.GetParameters() is not [var first, { } second, { } third]
            || second.ParameterType != typeof(EffectContext) || third.ParameterType != typeof(CancellationToken))
            throw Fault(method, "has other parameters");
        if (first.ParameterType.IsByRef) throw Fault(method, "takes its event by reference");
    }

    private InvalidOperationException Fault(MethodInfo method, string what)
    {
        var parameters = string.Join(", ", method.GetParameters().Select(static one => one.ParameterType.Name));
        return new($"{_reactor}.React({parameters}) {what}. A reactor's method is {Form}.");
    }

    private static ReactorMethod Compile(MethodInfo method)
    {
        var reactor = Expression.Parameter(typeof(Reactor));
        var @event = Expression.Parameter(typeof(object));
        var context = Expression.Parameter(typeof(EffectContext));
        var token = Expression.Parameter(typeof(CancellationToken));
        var call = Expression.Call(
            Expression.Convert(reactor, method.DeclaringType!),
            method,
            Expression.Convert(@event, method.GetParameters()[0].ParameterType),
            context,
            token);
        return Expression.Lambda<ReactorMethod>(call, reactor, @event, context, token).Compile();
    }
}

/// <summary>Calls a reactor's method.</summary>
internal delegate Task ReactorMethod(
    Reactor reactor, object @event, EffectContext context, CancellationToken cancellationToken);
