using System.Collections.Frozen;

namespace Granary.Runtime;

/// <summary>The effects of a reactor: a call of its nearest method for each event.</summary>
internal sealed class ReactorEffects(Reactor reactor, HandlerMethods<ReactorMethod> methods, EventDecoder decoder)
    : IEffects
{
    private readonly Lazy<FrozenDictionary<string, Type>> _types = new(() => decoder.TypesOf(methods.EventTypes));

    /// <inheritdoc />
    /// <remarks>
    /// One event has one effect, except where an upcaster makes several events of it: those are counted.
    /// </remarks>
    public IReadOnlyList<Effect> Of(RecordedEvent @event) =>
        [.. decoder.Decode(@event, _types.Value).Select(EffectOf)];

    private Effect EffectOf(object happened)
    {
        // The decoder returns no other types than those that the methods name.
        var method = methods.Find(happened.GetType())!;
        return (context, token) => method(reactor, happened, context, token);
    }
}
