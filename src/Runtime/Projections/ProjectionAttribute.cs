namespace Granary;

/// <summary>
/// Names a <see cref="Projection{TModel}"/> or <see cref="ISqlProjection"/> and the version of its code.
/// </summary>
/// <param name="name">
/// The name under which its models are read, also that of a view in the database: a lower-case letter, then lower-case
/// letters, digits and underscores, 36 characters at most. Of an <see cref="ISqlProjection"/>, the name of its reader.
/// </param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ProjectionAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name => name;

    /// <summary>
    /// The version of its code, from 1. Raise it when what the code makes of events changes: the models are then built
    /// anew from the log when the silo starts, while the old ones go on serving queries. The tables of an
    /// <see cref="ISqlProjection"/> are reset.
    /// </summary>
    public int Version { get; set; } = 1;
}
