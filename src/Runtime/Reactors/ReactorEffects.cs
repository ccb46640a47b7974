namespace Granary.Runtime;

/// <summary>The effects of a reactor: a call of its nearest method for each event.</summary>
internal sealed class ReactorEffects(
    Reactor reactor, ReactorMethods methods, Func<RecordedEvent, IReadOnlyList<object>> decode) : IEffects
{
    /// <inheritdoc />
    public IReadOnlyList<Effect> Of(RecordedEvent @event)
    {
        var decoded = decode(@event);
        var effects = new Effect[decoded.Count];
        for (var i = 0; i < effects.Length; i++)
        {
            var one = decoded[i];
            // The place counts in the effect's id, so one that has no method keeps its place.
            effects[i] = methods.Find(one.GetType()) is { } method
                ? (context, token) => method(reactor, one, context, token)
                : null!;
        }

        return effects;
    }
}
