using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Granary.Runtime;

/// <summary>
/// The methods of a projection, found by their names and compiled: which one an event calls is decided once a type.
/// </summary>
internal sealed class ProjectionMethods<TModel>
    where TModel : class
{
    private const string Shapes =
        "TModel Create(TEvent), void or TModel Apply(TModel, TEvent), void Delete(TEvent) or bool Delete(TModel, "
        + "TEvent), each with a RecordedEvent as last parameter if needed";

    private readonly HandlerMethods<Call> _create;
    private readonly HandlerMethods<Call> _apply;
    private readonly HandlerMethods<Call> _delete;
    private readonly Func<TModel>? _make;

    /// <summary>Finds the methods of a projection.</summary>
    /// <exception cref="InvalidOperationException">One has another shape, or there is none.</exception>
    public ProjectionMethods(Projection<TModel> projection)
    {
        var type = projection.GetType();
        (_create, _apply, _delete) = (new(type, "Create"), new(type, "Apply"), new(type, "Delete"));
        for (var at = type; at is not null && at != typeof(Projection<TModel>); at = at.BaseType)
        {
            foreach (var method in at.GetMethods(
                BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic
                | BindingFlags.DeclaredOnly))
            {
                if (MethodsOf(method.Name) is { } methods && method.GetBaseDefinition() == method)
                    Bind(projection, method, methods);
            }
        }

        if (EventTypes.Count == 0)
            throw new InvalidOperationException($"{type} handles no events. Add methods: {Shapes}.");
        if (!typeof(TModel).IsAbstract && typeof(TModel).GetConstructor(Type.EmptyTypes) is { } constructor)
            _make = Expression.Lambda<Func<TModel>>(Expression.New(constructor)).Compile();
    }

    private delegate TModel? Call(TModel? model, object happened, RecordedEvent recorded);

    /// <summary>The types of events that the methods take.</summary>
    public IReadOnlyCollection<Type> EventTypes =>
        [.. _create.EventTypes.Concat(_apply.EventTypes).Concat(_delete.EventTypes).Distinct()];

    /// <summary>Whether a method takes events of a type.</summary>
    public bool Handles(Type eventType) => Find(eventType) is not (null, null, null);

    /// <summary>Folds an event into the model of a key.</summary>
    /// <param name="model">The model; null where there is none.</param>
    /// <param name="happened">The event.</param>
    /// <param name="recorded">The event as it is in the log.</param>
    /// <returns>The model then; null where there is none any more.</returns>
    public TModel? Fold(TModel? model, object happened, RecordedEvent recorded)
    {
        var (create, apply, delete) = Find(happened.GetType());
        if (model is null)
        {
            if (create is not null) return create(null, happened, recorded) ?? throw ReturnsNull(happened);
            if (apply is null) return null;
            if (_make is null)
                throw new InvalidOperationException(
                    $"{happened.GetType().Name} is applied to a model that is not there, and {typeof(TModel).Name} has "
                    + "no constructor without parameters. Add one, or a method Create for that event.");
            return apply(_make(), happened, recorded);
        }

        if (delete is not null && delete(model, happened, recorded) is null) return null;
        if (apply is not null) return apply(model, happened, recorded);
        if (create is null) return model;
        throw new InvalidOperationException(
            $"{happened.GetType().Name} creates a model that is there already, and there is no method Apply for it.");
    }

    private (Call? Create, Call? Apply, Call? Delete) Find(Type eventType) =>
        (_create.Find(eventType), _apply.Find(eventType), _delete.Find(eventType));

    private HandlerMethods<Call>? MethodsOf(string name) => name switch
    {
        "Create" => _create,
        "Apply" => _apply,
        "Delete" => _delete,
        _ => null,
    };

    private static InvalidOperationException ReturnsNull(object happened) =>
        new($"Create({happened.GetType().Name}) returned no model. Return one, or use Apply.");

    private static void Bind(Projection<TModel> projection, MethodInfo method, HandlerMethods<Call> methods)
    {
        var parameters = method.GetParameters().Select(static one => one.ParameterType).ToList();
        var takesRecorded = parameters.Count > 1 && parameters[^1] == typeof(RecordedEvent);
        if (takesRecorded) parameters.RemoveAt(parameters.Count - 1);
        var takesModel = parameters.Count == 2 && parameters[0] == typeof(TModel);
        if (takesModel) parameters.RemoveAt(0);
        var returns = method.ReturnType;
        var isShaped = parameters.Count == 1
            && parameters[0] is { IsByRef: false, IsByRefLike: false, IsPointer: false }
            && parameters[0] != typeof(RecordedEvent) && !method.IsGenericMethod
            && !method.IsDefined(typeof(AsyncStateMachineAttribute)) && method.Name switch
            {
                "Create" => !takesModel && returns == typeof(TModel),
                "Apply" => takesModel && (returns == typeof(void) || returns == typeof(TModel)),
                _ => takesModel ? returns == typeof(bool) : returns == typeof(void) || returns == typeof(bool),
            };
        if (!isShaped)
            throw new InvalidOperationException(
                $"{projection.GetType()}.{method.Name}({string.Join(", ", method.GetParameters().Select(
                    static one => one.ParameterType.Name))}) is none of the methods of a projection of "
                + $"{typeof(TModel).Name}: {Shapes}. Change it, or give it another name.");
        if (!methods.TryAdd(parameters[0], Compile(projection, method, parameters[0], takesModel, takesRecorded)))
            throw new InvalidOperationException(
                $"{projection.GetType()} has two methods {method.Name} for {parameters[0].Name}. Keep one.");
    }

    private static Call Compile(
        Projection<TModel> projection, MethodInfo method, Type eventType, bool takesModel, bool takesRecorded)
    {
        var model = Expression.Parameter(typeof(TModel));
        var happened = Expression.Parameter(typeof(object));
        var recorded = Expression.Parameter(typeof(RecordedEvent));
        List<Expression> arguments = [Expression.Convert(happened, eventType)];
        if (takesModel) arguments.Insert(0, model);
        if (takesRecorded) arguments.Add(recorded);
        var target = method.IsStatic ? null : Expression.Constant(projection, method.DeclaringType!);
        Expression call = Expression.Call(target, method, arguments);
        var none = Expression.Constant(null, typeof(TModel));
        call = (method.Name, call.Type) switch
        {
            (_, var type) when type == typeof(TModel) => call,
            ("Apply", _) => Expression.Block(call, model),
            (_, var type) when type == typeof(bool) => Expression.Condition(call, none, model),
            _ => Expression.Block(call, none),
        };
        return Expression.Lambda<Call>(call, model, happened, recorded).Compile();
    }
}
