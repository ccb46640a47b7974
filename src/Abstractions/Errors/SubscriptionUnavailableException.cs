namespace Granary;

/// <summary>
/// The worker of a durable subscription does not answer now: it starts, moves to another silo, has stopped, or has too
/// many calls. Whether an acknowledgement was recorded is not known; sending it again is safe.
/// </summary>
[GenerateSerializer, Alias("granary.SubscriptionUnavailableException")]
public sealed class SubscriptionUnavailableException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="name">The subscription.</param>
    /// <param name="partition">The partition whose worker does not answer.</param>
    /// <param name="reason">Why.</param>
    public SubscriptionUnavailableException(string name, LogPartition partition, string reason)
        : base($"The subscription '{name}' does not answer now in partition {partition}: {reason} Send it again.") =>
        (Name, Partition) = (name, partition);

    /// <summary>The subscription.</summary>
    [Id(0)] public string Name { get; }

    /// <summary>The partition.</summary>
    [Id(1)] public LogPartition Partition { get; }
}
