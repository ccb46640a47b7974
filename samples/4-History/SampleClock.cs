namespace Granary.Samples.History;

/// <summary>A clock that the sample sets, so that a run is like every other. Timers are real.</summary>
internal sealed class SampleClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
