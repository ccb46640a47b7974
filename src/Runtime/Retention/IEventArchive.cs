namespace Granary.Runtime;

/// <summary>Keeps events that are about to be removed from the store.</summary>
internal interface IEventArchive
{
    /// <summary>
    /// Writes events of a stream, all or none, durably. Written again they replace themselves: after a crash they are
    /// archived once, and still in the store or not.
    /// </summary>
    /// <param name="path">The archive.</param>
    /// <param name="first">The version of the first event.</param>
    /// <param name="stays">The event after the last one.</param>
    /// <param name="events">The events.</param>
    /// <param name="cancellationToken">Stops it; nothing is left of it then.</param>
    /// <exception cref="IOException">They could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">They could not be written.</exception>
    Task WriteAsync(
        string path, StreamVersion first, RecordedEvent stays, IAsyncEnumerable<RecordedEvent> events,
        CancellationToken cancellationToken);
}
