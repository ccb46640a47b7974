namespace Granary.Runtime;

/// <summary>
/// Which grain applies an event on this thread, and to which of its states: it must not raise another one meanwhile,
/// and what it reads as its state is that one.
/// </summary>
internal static class ApplyGuard
{
    [ThreadStatic] private static (object? Grain, object? State) _applying;

    /// <summary>Checks that a grain may raise an event.</summary>
    /// <exception cref="InvalidOperationException">It applies another one.</exception>
    public static void ThrowIfApplying(object grain)
    {
        // It would be raised again by each state that the other is folded into, and at each replay.
        if (ReferenceEquals(_applying.Grain, grain))
            throw new InvalidOperationException(
                "Applying an event cannot raise another one. Raise both in the grain's method, or the other in "
                + "OnStateChanged.");
    }

    /// <summary>
    /// The state that a grain applies an event to now, or null. Any other of its states would differ from fold to fold,
    /// and may be the one that is just being made.
    /// </summary>
    public static object? StateOf(object grain) =>
        ReferenceEquals(_applying.Grain, grain) ? _applying.State : null;

    /// <summary>Begins to apply an event; returns what <see cref="Leave"/> takes.</summary>
    public static (object? Grain, object? State) Enter(object grain, object state)
    {
        var outer = _applying;
        _applying = (grain, state);
        return outer;
    }

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    public static void Leave((object? Grain, object? State) outer) => _applying = outer;
}
