using Orleans.EventSourcing;

namespace Granary.Runtime;

/// <summary>What <c>OnConnectionIssue</c> is called with when the store did not take or give events.</summary>
/// <remarks>
/// The grain may set <c>RetryDelay</c>. It is at most <see cref="JournalOptions.RetryDelayMaxMs"/>, and at least 1 ms
/// where it is not that of the first retry.
/// </remarks>
[GenerateSerializer, Alias("granary.StoreConnectionIssue")]
public sealed class StoreConnectionIssue : ConnectionIssue
{
    /// <summary>The error that the store gave.</summary>
    [Id(0)] public required Exception Exception { get; init; }

    /// <summary>The first wait, and the bound of the later ones, which double.</summary>
    [Id(1)] internal TimeSpan FirstDelay { get; init; }

    [Id(2)] internal TimeSpan DelayMax { get; init; }

    /// <inheritdoc />
    /// <remarks>The first retry is made at once.</remarks>
    public override TimeSpan ComputeRetryDelay(TimeSpan? previous)
    {
        if (previous is null) return TimeSpan.Zero;
        if (previous == TimeSpan.Zero) return FirstDelay;
        var doubled = previous.Value * 2;
        return doubled < DelayMax ? doubled : DelayMax;
    }
}
