namespace Granary;

/// <summary>How a row of a new build differs from that of the build that served queries.</summary>
[GenerateSerializer]
public enum DifferenceKind
{
    /// <summary>Both builds have it, with other documents.</summary>
    Changed,

    /// <summary>Only the new build has it.</summary>
    Added,

    /// <summary>Only the build that served queries has it.</summary>
    Removed,
}
