using Orleans.Concurrency;

namespace Granary;

/// <summary>
/// The worker of a reader in one partition. Its key is <c>partition/name</c> (<see cref="ReaderKeys"/>). A supervisor
/// in
/// every silo keeps it running.
/// </summary>
[Alias("granary.IReaderGrain")]
public interface IReaderGrain : IGrainWithStringKey
{
    /// <summary>Starts the work where it is not running.</summary>
    [AlwaysInterleave, Alias("Wake")]
    Task Wake();

    /// <summary>Reads again what was steered: paused, resumed, or parked streams to retry.</summary>
    [AlwaysInterleave, Alias("Steer")]
    Task Steer();

    /// <summary>How it stands.</summary>
    [AlwaysInterleave, Alias("GetStatus")]
    Task<ReaderStatus> GetStatus();

    /// <summary>
    /// Completes when the reader has passed a position, at once where it has, and at the latest after a time.
    /// </summary>
    /// <param name="position">The position.</param>
    /// <param name="timeout">How long it waits at most, up to a minute.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// The position that the reader has passed: less than the given one where the time was not enough.
    /// </returns>
    [AlwaysInterleave, Alias("WaitFor"), ResponseTimeout("00:01:10")]
    Task<GlobalPosition> WaitFor(
        GlobalPosition position, TimeSpan timeout, CancellationToken cancellationToken = default);
}
