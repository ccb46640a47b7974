using System.ComponentModel.DataAnnotations;

namespace Granary.Runtime;

/// <summary>
/// How a silo checks that models are what the log says: it folds some of them anew, and compares.
/// </summary>
public sealed class TruthCheckOptions
{
    /// <summary>Whether models are checked at all. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often, in milliseconds, 100 to 86,400,000. Default 60,000.</summary>
    [Range(100, 86_400_000)]
    public int IntervalMs { get; set; } = 60_000;

    /// <summary>
    /// How many models of each projection are checked at a time, 1 to 1,000; as many of those that were found to
    /// differ are checked again. Default 10.
    /// </summary>
    [Range(1, 1_000)]
    public int KeysMax { get; set; } = 10;

    /// <summary>
    /// A model whose stream has more events is skipped, as to fold it takes long, 1 to 1,000,000. Default 1,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int EventsMax { get; set; } = 1_000;
}
