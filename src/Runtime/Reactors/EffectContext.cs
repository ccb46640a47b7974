using Granary.Runtime;

namespace Granary;

/// <summary>What a reactor knows of the effect that it is to have.</summary>
public sealed class EffectContext
{
    /// <summary>How much is kept of an answer, in characters.</summary>
    public const int AnswerLengthMax = 1024;

    internal EffectContext(RecordedEvent @event, Guid effectId, int @try) =>
        (Event, EffectId, Try) = (@event, effectId, @try);

    /// <summary>The event as it is recorded.</summary>
    public RecordedEvent Event { get; }

    /// <summary>
    /// The effect's id: the same whenever the same event comes to the same reactor. Whoever receives the effect
    /// recognizes by it what it was sent before.
    /// </summary>
    public Guid EffectId { get; }

    /// <summary>Which try it is, from 1, those before a restart included where the store has recorded them.</summary>
    public int Try { get; }

    /// <summary>
    /// What the effect came to, as text: kept in the ledger with it, cut after <see cref="AnswerLengthMax"/>
    /// characters. Null for nothing. No secret belongs here.
    /// </summary>
    public string? Answer { get; set; }

    /// <summary>
    /// An id for one of several things that one call does: stable as <see cref="EffectId"/> is, and different for each
    /// name. The ledger knows the call as a whole: where it fails halfway, all of it is tried again.
    /// </summary>
    /// <param name="name">A name that the reactor chooses, as <c>mail</c>.</param>
    public Guid IdOf(string name) => EffectIds.Of(EffectId, name);
}
