namespace Granary;

/// <summary>No silo of the cluster has a projection of that name, or it has no models yet.</summary>
[GenerateSerializer, Alias("granary.ProjectionUnknownException")]
public sealed class ProjectionUnknownException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="name">The name.</param>
    public ProjectionUnknownException(string name)
        : base($"There is no projection '{name}'. List those that exist.") => Name = name;

    /// <summary>The name.</summary>
    [Id(0)] public string Name { get; }
}
