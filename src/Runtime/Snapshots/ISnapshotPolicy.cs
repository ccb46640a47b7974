namespace Granary.Runtime;

/// <summary>
/// Decides when a grain's state is written as a snapshot. The default follows <see cref="SnapshotOptions"/>; register
/// another as a singleton service to replace it.
/// </summary>
public interface ISnapshotPolicy
{
    /// <summary>
    /// Whether a snapshot is due. Called in the grain's turn after each confirmation and after each load, from many
    /// grains at once, so it must be fast and thread-safe. An exception counts as no, and is logged.
    /// </summary>
    /// <param name="stream">The grain's stream.</param>
    /// <param name="cost">What the next activation would replay if no snapshot were written now.</param>
    bool IsDue(StreamName stream, ReplayCost cost);
}

/// <summary>The cost of replaying the events after a stream's last snapshot.</summary>
/// <param name="Events">How many events there are after it.</param>
/// <param name="PerEvent">
/// How long one event took when the grain was last loaded, reading included; zero where that is not known.
/// </param>
public readonly record struct ReplayCost(long Events, TimeSpan PerEvent);
