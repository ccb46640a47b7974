namespace Granary.Runtime;

/// <summary>The effects of a reader: which an event has. Called from many threads at once.</summary>
internal interface IEffects
{
    /// <summary>
    /// The effects of an event, always in the same order; none where it has none. It may throw where the event cannot
    /// be read: then the event has failed.
    /// </summary>
    IReadOnlyList<Effect> Of(RecordedEvent @event);
}

/// <summary>Has an effect.</summary>
internal delegate Task Effect(EffectContext context, CancellationToken cancellationToken);
