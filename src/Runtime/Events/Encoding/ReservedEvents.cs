namespace Granary.Runtime;

/// <summary>Granary's own events in a stream. They change no state, and no codec gets them.</summary>
internal static class ReservedEvents
{
    /// <summary>Checks that an event of a reserved type is one that this version supports, and so may skip.</summary>
    /// <exception cref="ReplayFailedException">It is not: a later version of Granary wrote it.</exception>
    public static void ThrowIfUnknown(RecordedEvent recorded)
    {
        if (recorded.IsTombstone || recorded.Type == EventTypes.CommandAnswered) return;
        throw new ReplayFailedException(
            recorded,
            $"No event type is known under the name {recorded.Type}: names that begin with {EventTypes.Prefix} are "
            + "Granary's own, and this version has none of that name.");
    }
}
