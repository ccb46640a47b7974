using System.ComponentModel.DataAnnotations;

namespace Granary.Silo;

/// <summary>When the other silos of a cluster declare one dead.</summary>
internal sealed class MembershipOptions
{
    /// <summary>How long a silo may take to answer a probe of another one, in milliseconds.</summary>
    [Range(100, 600_000)]
    public int ProbeTimeoutMs { get; set; } = 5_000;

    /// <summary>How many probes in a row may fail before a silo is suspected to be dead.</summary>
    [Range(1, 100)]
    public int ProbesMissedMax { get; set; } = 3;

    /// <summary>
    /// How often a silo reads the list of members without being notified of a change: only so does one that the others
    /// cannot reach find out that it was declared dead. Orleans' own value is a minute, the longest here too.
    /// </summary>
    internal TimeSpan ListRefreshPeriod => Period(2, max: TimeSpan.FromMinutes(1));

    /// <summary>
    /// How often a gateway reads the list of silos: until then it sends requests to one that has ceased to answer, and
    /// sends none to one that has joined. Orleans' own value is a minute.
    /// </summary>
    internal TimeSpan GatewayRefreshPeriod => Period(1, max: TimeSpan.FromSeconds(10));

    private TimeSpan Period(int times, TimeSpan max) => TimeSpan.FromMilliseconds(
        Math.Clamp((double)ProbeTimeoutMs * ProbesMissedMax * times, 1_000, max.TotalMilliseconds));
}
