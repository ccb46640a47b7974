namespace Granary.Runtime;

/// <summary>
/// What a reader does with the events of one partition. A worker makes one for each of its sessions and calls it one
/// call at a time.
/// </summary>
internal interface ILogHandler
{
    /// <summary>Handles events, in the order of the log. Tombstones are among them.</summary>
    /// <remarks>
    /// The same events come again where the commit does not land, or the worker fails: what is not in the returned
    /// changes has to be harmless when repeated. Where <see cref="OnCommitted"/> was not called since the call before,
    /// what that call returned was not committed, and what is remembered of it is wrong.
    /// </remarks>
    /// <exception cref="EventFailedException">
    /// One event cannot be handled: tried again a few times, then its stream is parked and the others of the batch are
    /// handled without that stream's.
    /// </exception>
    ValueTask<HandledEvents> HandleAsync(LogBatch batch, CancellationToken cancellationToken);

    /// <summary>What the last call returned is committed, with the checkpoint.</summary>
    void OnCommitted();
}
