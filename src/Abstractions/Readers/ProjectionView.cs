namespace Granary;

/// <summary>A projection and its builds.</summary>
/// <param name="Name">The name under which its models are read.</param>
/// <param name="Version">The version of its code in the silo that answers.</param>
/// <param name="Columns">The columns of the build that serves queries, by name.</param>
/// <param name="Builds">Its builds, oldest first.</param>
[GenerateSerializer, Immutable, Alias("granary.ProjectionView")]
public sealed record ProjectionView(
    [property: Id(0)] string Name,
    [property: Id(1)] int Version,
    [property: Id(2)] IReadOnlyDictionary<string, ModelColumnKind> Columns,
    [property: Id(3)] IReadOnlyList<BuildView> Builds)
{
    /// <summary>Whether it is live: its models are folded when they are read, and it has no builds.</summary>
    [Id(4)] public bool IsLive { get; init; }

    /// <summary>Whether its models are what the log says; null for a live one.</summary>
    [Id(5)] public TruthCheckView? TruthCheck { get; init; }
}
