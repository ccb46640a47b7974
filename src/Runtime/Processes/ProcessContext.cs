using Granary.Runtime;

namespace Granary;

/// <summary>What a process manager knows of what it handles: an event, or a deadline that has passed.</summary>
public sealed class ProcessContext
{
    internal ProcessContext(RecordedEvent? @event, Guid causeId, CancellationToken cancellationToken) =>
        (Event, CauseId, CancellationToken) = (@event, causeId, cancellationToken);

    /// <summary>The event as it is recorded; null for a deadline.</summary>
    public RecordedEvent? Event { get; }

    /// <summary>
    /// The id of what is handled: the same whenever the same event, or the same deadline, comes to the same process.
    /// </summary>
    public Guid CauseId { get; }

    /// <summary>Ends the wait of the one who calls; what was sent is sent again later.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>
    /// The id for a command that this sends: stable as <see cref="CauseId"/> is, and different for each name. A grain
    /// that knows its commands by their ids does it once, however often it is sent.
    /// </summary>
    /// <param name="name">A name that the process chooses, as <c>debit</c>.</param>
    public string CommandId(string name) => EffectIds.Of(CauseId, name).ToString("N");
}
