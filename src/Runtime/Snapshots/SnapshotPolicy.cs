using Microsoft.Extensions.Options;

namespace Granary.Runtime;

/// <summary>The default: a snapshot is due by the number of events, or by what replaying them would cost.</summary>
internal sealed class SnapshotPolicy(IOptions<SnapshotOptions> options) : ISnapshotPolicy
{
    public bool IsDue(StreamName stream, ReplayCost cost)
    {
        var settings = options.Value;
        return cost.Events >= settings.EventsMax
            || (cost.Events >= settings.EventsMin
                && cost.Events * cost.PerEvent.TotalMilliseconds > settings.ReplayCostMaxMs);
    }
}
