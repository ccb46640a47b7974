namespace Granary.Runtime;

/// <summary>Captures the circumstances under which an event is raised.</summary>
public interface IMetadataSource
{
    /// <summary>
    /// Reads Orleans' <c>RequestContext</c> and <c>Activity.Current</c>: correlation, causation, actor, trace
    /// parent and the caller's own pairs.
    /// </summary>
    /// <exception cref="LimitExceededException">That is too large.</exception>
    EventMetadata Capture();
}
