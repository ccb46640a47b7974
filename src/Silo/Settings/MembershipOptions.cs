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
}
