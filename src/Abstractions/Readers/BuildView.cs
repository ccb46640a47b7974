namespace Granary;

/// <summary>A build of a projection.</summary>
[GenerateSerializer, Immutable, Alias("granary.BuildView")]
public sealed record BuildView
{
    /// <summary>Its table, which is also the name of its reader.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>The version of the code that fills it.</summary>
    [Id(1)] public required int Version { get; init; }

    /// <summary>What it is for.</summary>
    [Id(2)] public required BuildState State { get; init; }

    /// <summary>Whether it serves queries as soon as it is ready.</summary>
    [Id(3)] public bool PublishesItself { get; init; }

    /// <summary>When it was begun.</summary>
    [Id(4)] public DateTimeOffset StartedAt { get; init; }

    /// <summary>How many events of the log it has passed, in all partitions.</summary>
    [Id(5)] public long EventsPassed { get; init; }

    /// <summary>How many events the log has, in all partitions.</summary>
    [Id(6)] public long EventsTotal { get; init; }

    /// <summary>
    /// How many rows differ from those of the build that served queries, when both were at the same positions; null
    /// where they were not compared.
    /// </summary>
    [Id(7)] public long? Differences { get; init; }

    /// <summary>The first of the rows that differ, at most a hundred.</summary>
    [Id(8)] public IReadOnlyList<BuildDifference> FirstDifferences { get; init; } = [];

    /// <summary>Why the rows were not compared; null where they were, or are to be.</summary>
    [Id(9)] public string? NotCompared { get; init; }
}
