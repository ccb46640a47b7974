namespace Granary;

/// <summary>
/// What was asked for needs models that are stored, and the projection is live: each of its models is folded when it is
/// read.
/// </summary>
[GenerateSerializer, Alias("granary.ProjectionIsLiveException")]
public sealed class ProjectionIsLiveException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="name">The projection.</param>
    public ProjectionIsLiveException(string name)
        : base($"The projection '{name}' is live: nothing of it is stored. Its models cannot be listed or searched, "
            + "and it has no builds and no reader. Read one model by its key, or register the projection as a stored "
            + "one, with AddProjection.") => Name = name;

    /// <summary>The projection.</summary>
    [Id(0)] public string Name { get; }
}
