namespace Granary;

/// <summary>
/// Gives a reactor its name: that of its checkpoints, and part of every effect's id. A reactor with another name is
/// another reactor.
/// </summary>
/// <param name="name">
/// A lower-case letter, then lower-case letters, digits, dashes and underscores; at most 100 characters. It
/// is no name of a projection's build, as <c>orders_v1</c>.
/// </param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ReactorAttribute(string name) : Attribute
{
    /// <summary>The reactor's name.</summary>
    public string Name { get; } = name;
}
