using Orleans.Concurrency;

namespace Granary;

/// <summary>
/// What every grain on Granary answers about its past, beside its own interface:
/// <c>grain.AsReference&lt;IHistoryExtension&gt;()</c>. Calls interleave with the grain's own turns and change nothing.
/// Only confirmed events count.
/// </summary>
[Alias("granary.IHistoryExtension")]
public interface IHistoryExtension : IGrainExtension
{
    /// <summary>Where the grain's stream ends, read from the store.</summary>
    [AlwaysInterleave, Alias("ReadHead")]
    Task<StreamHead> ReadHead();

    /// <summary>A page of the grain's events.</summary>
    /// <param name="from">
    /// Forward: the version after which to start. Backward: the version before which to start.
    /// </param>
    /// <param name="limit">How many events at most, 1 to <see cref="GranaryLimits.PageSizeMax"/>.</param>
    /// <param name="direction">Oldest or newest first.</param>
    [AlwaysInterleave, Alias("ReadEvents")]
    Task<EventPage> ReadEvents(StreamVersion from, int limit, ReadDirection direction);

    /// <summary>The state as it is now, as JSON.</summary>
    [AlwaysInterleave, Alias("ReadState")]
    Task<StateView> ReadState();

    /// <summary>The state as it was at a version, as JSON. Version 0 is the initial state.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The stream has no such version.</exception>
    [AlwaysInterleave, Alias("ReadStateAtVersion")]
    Task<StateView> ReadStateAtVersion(StreamVersion version);

    /// <summary>
    /// The state as it was at an instant, as JSON: of all events before the first that was recorded later than that.
    /// </summary>
    [AlwaysInterleave, Alias("ReadStateAtInstant")]
    Task<StateView> ReadStateAtInstant(DateTimeOffset instant);
}
