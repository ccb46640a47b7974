namespace Granary;

/// <summary>The names of event types that are Granary's own. All of them begin with <see cref="Prefix"/>.</summary>
public static class EventTypes
{
    /// <summary>What the reserved names begin with; no event of a user may.</summary>
    public const string Prefix = "granary.";

    /// <summary>What is left of an event whose stream was cleared: its position, without payload or metadata.</summary>
    public const string Tombstone = "granary.tombstone";

    /// <summary>Marks in the log that a stream was cleared. It has version 0 and is not part of any stream.</summary>
    public const string StreamCleared = "granary.stream-cleared";

    /// <summary>
    /// A command that raised no event, kept so that a repetition gets the same answer. It changes no state.
    /// </summary>
    public const string CommandAnswered = "granary.command-answered";

    /// <summary>Whether a name is reserved for Granary's own events.</summary>
    public static bool IsReserved(string type) => type.StartsWith(Prefix, StringComparison.Ordinal);
}
