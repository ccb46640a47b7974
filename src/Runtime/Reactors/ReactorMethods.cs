namespace Granary.Runtime;

/// <summary>Finds the <c>React</c> methods of reactors.</summary>
internal static class ReactorMethods
{
    private static readonly HandlerForm Form = new(
        "reactor", "React", "public Task React(TEvent, EffectContext, CancellationToken)");

    /// <inheritdoc cref="HandlerForm.Bind" />
    public static HandlerMethods<ReactorMethod> Of(Type reactor) => Form.Bind<ReactorMethod>(reactor);
}

/// <summary>Calls a reactor's method.</summary>
internal delegate Task ReactorMethod(
    Reactor reactor, object @event, EffectContext context, CancellationToken cancellationToken);
