namespace Granary.Contracts;

/// <summary>A stream of JSON events of any type. Its key is the stream's name, <c>category/key</c>.</summary>
[Alias("granary.IEventStreamGrain")]
public interface IEventStreamGrain : IGrainWithStringKey
{
    /// <summary>The grain type of event streams, for code that makes grain ids itself.</summary>
    const string GrainType = "event-stream";

    /// <summary>Appends events, all or none, and answers when they are durable.</summary>
    /// <exception cref="CommandIdReusedException">The idempotency key was used for another request.</exception>
    /// <exception cref="LimitExceededException">Something is too large.</exception>
    [Alias("Append")]
    Task<StreamAppendAnswer> Append(StreamAppend request);
}
