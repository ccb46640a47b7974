namespace Granary.Runtime;

/// <summary>
/// Implemented by a grain that names its stream itself. The stream of every other grain has the grain type as category
/// and the grain's key as key (<see cref="GrainKeys"/>). The name must follow from the grain's id alone, differ for
/// every id, and never change. A category that is another grain type is refused when the grain activates.
/// </summary>
public interface IStreamNamed
{
    /// <summary>The grain's stream.</summary>
    StreamName StreamName { get; }
}
