namespace Granary.Runtime;

/// <summary>
/// Implemented by a grain that names its stream itself. The others' stream has the grain type as category and the grain
/// key as key. The name must follow from the grain's id alone and never change.
/// </summary>
public interface IStreamNamed
{
    /// <summary>The grain's stream.</summary>
    StreamName StreamName { get; }
}
