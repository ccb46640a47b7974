namespace Granary;

/// <summary>An event that is handed out to one consumer, until its lease ends.</summary>
[GenerateSerializer, Immutable, Alias("granary.Delivery")]
public sealed record Delivery
{
    /// <summary>The lease: what to answer with.</summary>
    [Id(0)] public required string Lease { get; init; }

    /// <summary>When the lease ends by itself: then the event is handed out again.</summary>
    [Id(1)] public required DateTimeOffset Until { get; init; }

    /// <summary>Which try it is, from 1.</summary>
    [Id(2)] public required int Try { get; init; }

    /// <summary>The event.</summary>
    [Id(3)] public required RecordedEvent Event { get; init; }
}
