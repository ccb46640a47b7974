namespace Granary;

/// <summary>What a build of a projection is for.</summary>
[GenerateSerializer]
public enum BuildState
{
    /// <summary>It is filled from the log, and compared.</summary>
    Building,

    /// <summary>It can serve queries.</summary>
    Ready,

    /// <summary>It serves queries.</summary>
    Published,

    /// <summary>
    /// It has served queries, or its code was replaced before it was ready; it is kept until it is dropped.
    /// </summary>
    Old,
}
