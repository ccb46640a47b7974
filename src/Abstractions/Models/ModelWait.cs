namespace Granary;

/// <summary>What models must have seen before they are read: how a caller reads what it has written.</summary>
/// <param name="Positions">The positions, as appends are answered with.</param>
/// <param name="Timeout">How long it is waited at most; at most a minute.</param>
[GenerateSerializer, Immutable, Alias("granary.ModelWait")]
public sealed record ModelWait(
    [property: Id(0)] LogPositions Positions,
    [property: Id(1)] TimeSpan Timeout)
{
    /// <summary>How long it is waited where nothing else is said.</summary>
    public static TimeSpan DefaultTimeout { get; } = TimeSpan.FromSeconds(5);

    /// <summary>A wait for one position.</summary>
    public static ModelWait For(LogPosition position, TimeSpan? timeout = null) =>
        new(new LogPositions([position]), timeout ?? DefaultTimeout);
}
