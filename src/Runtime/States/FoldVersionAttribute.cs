namespace Granary.Runtime;

/// <summary>
/// The version of code that folds events: of a state class or a class of its parts, of a grain class that overrides
/// <c>TransitionState</c>, of an <see cref="IUpcaster"/>, or of a stream reducer; each base class has a version of its
/// own. Raise it in the same change as the code whenever the same events are folded into another state than before: a
/// changed <c>Apply</c>, upcaster or reducer. Snapshots of another version are ignored, and the streams are replayed
/// once. Without it, old snapshots are mixed with the new code. Changed fields of a state, and an <c>Apply</c>, an
/// upcaster or a reducer that is added or removed, are detected without it.
/// </summary>
/// <param name="version">The version; 0 is that of a class without this attribute.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class FoldVersionAttribute(int version) : Attribute
{
    /// <summary>The version.</summary>
    public int Version { get; } = version;
}
