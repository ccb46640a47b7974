using System.ComponentModel.DataAnnotations;

namespace Granary;

/// <summary>What is kept in the ledger of effects.</summary>
public sealed class EffectLedgerOptions
{
    /// <summary>
    /// For how many days an effect stays in the ledger after its last try, 1 to 3,650. Default 30. One whose event the
    /// reader has not passed, or whose stream is parked, stays longer.
    /// </summary>
    [Range(1, 3_650)]
    public double KeepDays { get; set; } = 30;

    /// <summary>How often it is looked for what is to be removed, in minutes, 0.1 to 1,440. Default 10.</summary>
    [Range(0.1, 1_440)]
    public double IntervalMinutes { get; set; } = 10;

    /// <summary>How many effects are removed at most each time, 1 to 100,000. Default 10,000.</summary>
    [Range(1, 100_000)]
    public int RemovedMax { get; set; } = 10_000;
}
