using Microsoft.Extensions.Options;

namespace Granary.Runtime;

/// <summary>Decides when a snapshot is worth its cost.</summary>
internal sealed class SnapshotPolicy(IOptions<SnapshotOptions> options)
{
    /// <summary>Whether a snapshot is due.</summary>
    /// <param name="events">How many events came after the last one.</param>
    /// <param name="costPerEvent">What one cost when the grain was last loaded; zero where it is not known.</param>
    public bool IsDue(long events, TimeSpan costPerEvent)
    {
        var settings = options.Value;
        return settings.Enabled && (events >= settings.EventsMax
            || (events >= settings.EventsMin && events * costPerEvent.TotalMilliseconds > settings.ReplayCostMaxMs));
    }
}
