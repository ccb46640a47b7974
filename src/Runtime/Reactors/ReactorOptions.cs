using System.ComponentModel.DataAnnotations;
using Granary.Runtime;

namespace Granary;

/// <summary>How a reactor begins, and how it tries.</summary>
public sealed class ReactorOptions
{
    /// <summary>
    /// Whether a reactor that is new begins at the start of the log, and so has effects for all of history. Default
    /// false: it begins at the end of the log.
    /// </summary>
    public bool FromBeginning { get; set; }

    /// <summary>How often an effect is tried before the event's stream is parked, 1 to 100. Default 5.</summary>
    [Range(1, 100)]
    public int TriesMax { get; set; } = 5;

    /// <summary>
    /// How long it waits after the first failed try, in milliseconds, 1 to 60,000; doubled after each, and shortened by
    /// up to half at random. Default 200.
    /// </summary>
    [Range(1, 60_000)]
    public int RetryDelayMs { get; set; } = 200;

    /// <summary>How long it waits between two tries at most, in milliseconds, 1 to 600,000. Default 30,000.</summary>
    [Range(1, 600_000)]
    public int RetryDelayMaxMs { get; set; } = 30_000;

    /// <summary>How many streams of a partition it handles at the same time, 1 to 256. Default 16.</summary>
    [Range(1, 256)]
    public int ConcurrencyMax { get; set; } = 16;

    /// <summary>Checks the bounds.</summary>
    /// <exception cref="ArgumentException">One is passed; the message names it.</exception>
    internal void Check(string reader) => OptionsCheck.ThrowIfInvalid(this, $"The reactor '{reader}'");
}
