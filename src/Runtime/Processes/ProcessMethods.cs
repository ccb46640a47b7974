using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;

namespace Granary.Runtime;

/// <summary>The compiled <c>On</c> methods of a process manager.</summary>
internal sealed class ProcessMethods
{
    private const string Form = "public Task On(TEvent, ProcessContext)";
    private const BindingFlags Any =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly Type _process;
    private readonly Dictionary<Type, ProcessMethod> _methods = [];
    private readonly ConcurrentDictionary<Type, ProcessMethod?> _nearest = new();

    /// <summary>Finds the methods of a type.</summary>
    /// <exception cref="InvalidOperationException">
    /// It has none, or one that is not as it has to be; the message names it.
    /// </exception>
    public ProcessMethods(Type process)
    {
        _process = process;
        foreach (var method in process.GetMethods(Any).Where(static one => one.Name == "On"))
        {
            Check(method);
            if (!_methods.TryAdd(method.GetParameters()[0].ParameterType, Compile(method)))
                throw Fault(method, "is declared again in a derived class; override it instead");
        }

        if (_methods.Count == 0)
            throw new InvalidOperationException(
                $"The process manager {process} handles no event. Add a method {Form}.");
    }

    /// <summary>The types that its methods name.</summary>
    public IReadOnlyCollection<Type> EventTypes => _methods.Keys;

    /// <summary>The method that handles events of a type; null where none does.</summary>
    /// <exception cref="InvalidOperationException">Two fit equally.</exception>
    public ProcessMethod? Find(Type eventType) => _nearest.GetOrAdd(eventType, FindNearest);

    private ProcessMethod? FindNearest(Type eventType)
    {
        var fitting = _methods.Keys.Where(one => one.IsAssignableFrom(eventType)).ToArray();
        var nearest = fitting
            .Where(one => !Array.Exists(fitting, other => other != one && one.IsAssignableFrom(other))).ToArray();
        if (nearest.Length > 1)
            throw new InvalidOperationException(
                $"The process manager {_process} has On methods for {nearest[0]} and {nearest[1]}, which fit the event "
                + $"{eventType} equally. Add one for {eventType}.");
        return nearest.Length == 0 ? null : _methods[nearest[0]];
    }

    private void Check(MethodInfo method)
    {
        if (method.IsStatic) throw Fault(method, "is static");
        if (!method.IsPublic) throw Fault(method, "is not public");
        if (method.IsGenericMethod) throw Fault(method, "is generic");
        if (method.ReturnType != typeof(Task)) throw Fault(method, $"returns {method.ReturnType.Name}");
        if (method.GetParameters() is not [var first, { } second] || second.ParameterType != typeof(ProcessContext))
            throw Fault(method, "has other parameters");
        if (first.ParameterType.IsByRef) throw Fault(method, "takes its event by reference");
    }

    private InvalidOperationException Fault(MethodInfo method, string what)
    {
        var parameters = string.Join(", ", method.GetParameters().Select(static one => one.ParameterType.Name));
        return new($"{_process}.On({parameters}) {what}. A process manager's method is {Form}.");
    }

    private static ProcessMethod Compile(MethodInfo method)
    {
        var process = Expression.Parameter(typeof(object));
        var happened = Expression.Parameter(typeof(object));
        var context = Expression.Parameter(typeof(ProcessContext));
        var call = Expression.Call(
            Expression.Convert(process, method.DeclaringType!),
            method,
            Expression.Convert(happened, method.GetParameters()[0].ParameterType),
            context);
        return Expression.Lambda<ProcessMethod>(call, process, happened, context).Compile();
    }
}

/// <summary>Calls a process manager's method.</summary>
internal delegate Task ProcessMethod(object process, object happened, ProcessContext context);
