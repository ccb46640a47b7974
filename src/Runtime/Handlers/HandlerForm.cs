using System.Linq.Expressions;
using System.Reflection;

namespace Granary.Runtime;

/// <summary>
/// The form of the methods that a class handles events with, each an asynchronous one; binds them to a delegate, whose
/// first parameter is the object and whose second is the event.
/// </summary>
/// <param name="Kind">What the class is, as an error names it.</param>
/// <param name="Name">The name of the methods.</param>
/// <param name="Text">How one is declared.</param>
internal sealed record HandlerForm(string Kind, string Name, string Text)
{
    private const BindingFlags Any =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Finds the methods of a class.</summary>
    /// <exception cref="InvalidOperationException">
    /// It has none, or one that is not as it has to be; the message names it.
    /// </exception>
    public HandlerMethods<TCall> Bind<TCall>(Type owner)
        where TCall : Delegate
    {
        Type[] parameters =
            [.. typeof(TCall).GetMethod("Invoke")!.GetParameters().Select(static one => one.ParameterType)];
        var methods = new HandlerMethods<TCall>(owner, Name);
        foreach (var method in owner.GetMethods(Any).Where(one => one.Name == Name))
        {
            var fault = FaultOf(method, parameters[2..]);
            if (fault is null && !methods.TryAdd(method.GetParameters()[0].ParameterType, Compile<TCall>(
                    method, parameters)))
                fault = "is declared again in a derived class; override it instead";
            if (fault is not null)
                throw new InvalidOperationException(
                    $"{owner}.{Name}({string.Join(", ", method.GetParameters().Select(
                        static one => one.ParameterType.Name))}) {fault}. A method of a {Kind} is {Text}.");
        }

        return methods.EventTypes.Count > 0 ? methods : throw new InvalidOperationException(
            $"The {Kind} {owner} handles no event. Add a method {Text}.");
    }

    private static string? FaultOf(MethodInfo method, ReadOnlySpan<Type> rest)
    {
        if (method.IsStatic) return "is static";
        if (!method.IsPublic) return "is not public";
        if (method.IsGenericMethod) return "is generic";
        if (method.ReturnType == typeof(void)) return "returns void, so that its end cannot be awaited";
        if (method.ReturnType != typeof(Task)) return $"returns {method.ReturnType}";
        Type[] taken = [.. method.GetParameters().Select(static one => one.ParameterType)];
        if (taken.Length == 0 || !rest.SequenceEqual(taken.AsSpan(1))) return "has other parameters";
        return taken[0].IsByRef ? "takes its event by reference" : null;
    }

    private static TCall Compile<TCall>(MethodInfo method, Type[] types)
        where TCall : Delegate
    {
        ParameterExpression[] parameters = [.. types.Select(Expression.Parameter)];
        var call = Expression.Call(
            Expression.Convert(parameters[0], method.DeclaringType!),
            method,
            [Expression.Convert(parameters[1], method.GetParameters()[0].ParameterType), .. parameters[2..]]);
        return Expression.Lambda<TCall>(call, parameters).Compile();
    }
}
