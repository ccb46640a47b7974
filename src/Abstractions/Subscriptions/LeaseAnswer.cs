namespace Granary;

/// <summary>What became of leases that a consumer has answered.</summary>
/// <param name="Ended">How many were ended by the answer.</param>
/// <param name="Lapsed">
/// Those that are none any more: the event was handed out again, was acknowledged before, or its stream is parked.
/// </param>
[GenerateSerializer, Immutable, Alias("granary.LeaseAnswer")]
public sealed record LeaseAnswer(
    [property: Id(0)] int Ended,
    [property: Id(1)] IReadOnlyList<string> Lapsed);
