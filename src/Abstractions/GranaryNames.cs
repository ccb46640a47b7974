namespace Granary;

/// <summary>The names under which Granary is found by Orleans and by OpenTelemetry.</summary>
public static class GranaryNames
{
    /// <summary>
    /// The log-consistency provider, for <c>[LogConsistencyProvider(ProviderName = ...)]</c>. Grains that name no
    /// provider are on Granary as well.
    /// </summary>
    public const string LogConsistencyProvider = "Granary";

    /// <summary>
    /// The type of the grains whose streams are of any category that is no grain type: streams of JSON events.
    /// </summary>
    internal const string EventStreamGrainType = "event-stream";

    /// <summary>The meter of all metrics, for <c>AddMeter</c>.</summary>
    public const string Meter = "Granary";

    /// <summary>The source of all activities, for <c>AddSource</c>.</summary>
    public const string ActivitySource = "Granary";
}
