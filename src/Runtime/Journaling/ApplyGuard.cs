namespace Granary.Runtime;

/// <summary>
/// Which grain applies an event on this thread, in whichever of its states: it must not raise another one meanwhile.
/// </summary>
internal static class ApplyGuard
{
    [ThreadStatic] private static object? _applying;

    /// <summary>Checks that a grain may raise an event.</summary>
    /// <exception cref="InvalidOperationException">It applies another one.</exception>
    public static void ThrowIfApplying(object grain)
    {
        // It would be raised again by each state that the other is folded into, and at each replay.
        if (ReferenceEquals(_applying, grain))
            throw new InvalidOperationException(
                "Applying an event cannot raise another one. Raise both in the grain's method, or the other in "
                + "OnStateChanged.");
    }

    /// <summary>Begins to apply an event; returns what <see cref="Leave"/> takes.</summary>
    public static object? Enter(object grain)
    {
        var outer = _applying;
        _applying = grain;
        return outer;
    }

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    public static void Leave(object? outer) => _applying = outer;
}
