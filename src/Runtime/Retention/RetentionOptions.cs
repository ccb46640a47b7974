using System.ComponentModel.DataAnnotations;

namespace Granary.Runtime;

/// <summary>What is kept of streams, by category.</summary>
internal sealed class RetentionOptions
{
    /// <summary>The rules by their category.</summary>
    public Dictionary<string, RetentionRule> Rules { get; } = new(StringComparer.Ordinal);

    /// <summary>How often the rules are applied, in minutes, from the silo's start on. Default 60.</summary>
    [Range(0.1, 43_200)]
    public double IntervalMinutes { get; set; } = 60;
}
