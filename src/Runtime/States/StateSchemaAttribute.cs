namespace Granary.Runtime;

/// <summary>
/// The version of a state's meaning. Raise it when <c>Apply</c> folds the same events into something else than before,
/// so that older snapshots are ignored; a change of the state's fields is noticed without it.
/// </summary>
/// <param name="version">The version; 0 is that of a type without this attribute.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class StateSchemaAttribute(int version) : Attribute
{
    /// <summary>The version.</summary>
    public int Version { get; } = version;
}
