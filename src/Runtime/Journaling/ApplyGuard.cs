namespace Granary.Runtime;

/// <summary>
/// Which grain applies an event on this thread, in whichever of its states: it must not raise another one meanwhile.
/// </summary>
internal static class ApplyGuard
{
    [ThreadStatic] private static object? _applying;

    /// <summary>Whether a grain applies an event.</summary>
    public static bool IsApplying(object grain) => ReferenceEquals(_applying, grain);

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
