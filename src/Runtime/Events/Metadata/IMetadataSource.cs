namespace Granary.Runtime;

/// <summary>Says under which circumstances an event is being raised.</summary>
public interface IMetadataSource
{
    /// <summary>
    /// What Orleans' <c>RequestContext</c> and <c>Activity.Current</c> say now: correlation, causation, actor, trace
    /// parent and the caller's own pairs.
    /// </summary>
    /// <exception cref="LimitExceededException">That is too large.</exception>
    EventMetadata Capture();
}
