using Orleans.Concurrency;

namespace Granary;

/// <summary>
/// What every grain on Granary answers about its past, beside its own interface:
/// <c>grain.AsReference&lt;IHistoryExtension&gt;()</c>. Calls interleave with the grain's own turns and change nothing.
/// Only confirmed events count. A token that is cancelled ends the read at the grain too.
/// </summary>
[Alias("granary.IHistoryExtension")]
public interface IHistoryExtension : IGrainExtension
{
    /// <summary>Where the grain's stream ends, read from the store.</summary>
    /// <param name="cancellationToken">Ends the read.</param>
    [AlwaysInterleave, Alias("ReadHead")]
    Task<StreamHead> ReadHead(CancellationToken cancellationToken = default);

    /// <summary>A page of the grain's events.</summary>
    /// <param name="from">
    /// Forward: the version after which to start. Backward: the version before which to start.
    /// </param>
    /// <param name="limit">How many events at most, 1 to <see cref="GranaryLimits.PageSizeMax"/>.</param>
    /// <param name="direction">Oldest or newest first.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    [AlwaysInterleave, Alias("ReadEvents")]
    Task<EventPage> ReadEvents(
        StreamVersion from, int limit, ReadDirection direction, CancellationToken cancellationToken = default);

    /// <summary>The state as it is now, as JSON.</summary>
    /// <param name="cancellationToken">Ends the read.</param>
    [AlwaysInterleave, Alias("ReadState")]
    Task<StateView> ReadState(CancellationToken cancellationToken = default);

    /// <summary>The state as it was at a version, as JSON. Version 0 is the initial state.</summary>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The stream has no such version.</exception>
    [AlwaysInterleave, Alias("ReadStateAtVersion")]
    Task<StateView> ReadStateAtVersion(StreamVersion version, CancellationToken cancellationToken = default);

    /// <summary>
    /// The state as it was at an instant, as JSON: of all events before the first that was recorded later than that.
    /// </summary>
    /// <param name="instant">The instant.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    [AlwaysInterleave, Alias("ReadStateAtInstant")]
    Task<StateView> ReadStateAtInstant(DateTimeOffset instant, CancellationToken cancellationToken = default);
}
