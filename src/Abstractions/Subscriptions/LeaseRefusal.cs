namespace Granary;

/// <summary>Why a consumer refuses events, and when they are handed out again.</summary>
[GenerateSerializer, Immutable, Alias("granary.LeaseRefusal")]
public sealed record LeaseRefusal
{
    /// <summary>The length of a reason at most, in characters; a longer one is cut.</summary>
    public const int ReasonLengthMax = 1_000;

    /// <summary>Why; it is shown where the stream is parked.</summary>
    [Id(0)] public string? Reason { get; init; }

    /// <summary>How long the events wait; null for the delay of the subscription, which grows with each try.</summary>
    [Id(1)] public TimeSpan? Delay { get; init; }

    /// <summary>Whether the stream is parked at once, without more tries.</summary>
    [Id(2)] public bool Park { get; init; }
}
