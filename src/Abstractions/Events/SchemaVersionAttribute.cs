namespace Granary;

/// <summary>
/// The version of an event type's shape. Raise it when the shape changes, and add an upcaster from the old one.
/// </summary>
/// <param name="version">From 1, which is the version of a type without this attribute.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class SchemaVersionAttribute(int version) : Attribute
{
    /// <summary>The version.</summary>
    public int Version { get; } = version >= 1
        ? version
        : throw new ArgumentOutOfRangeException(nameof(version), version, "Schema versions count from 1.");
}
