using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Carries the folded state of a grain that moves to the silo that it moves to, so that only what was appended
/// meanwhile has to be read there. It is a component of the grain's context from its creation on: Orleans hands the
/// state over before the journal exists.
/// </summary>
internal sealed class MigrationHandover(ILogger logger) : IGrainMigrationParticipant
{
    private const string Key = "granary.state";

    private IJournal? _journal;
    private HandedOverState? _received;

    /// <summary>Sets the journal whose state is handed over when the grain migrates.</summary>
    public void Follow(IJournal journal) => _journal = journal;

    /// <summary>The state that the other silo handed over; null when it is called again.</summary>
    public HandedOverState? GetReceived() => Interlocked.Exchange(ref _received, null);

    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        try
        {
            if (_journal?.TakeSnapshot() is { } snapshot)
                dehydrationContext.TryAddValue(Key, HandedOverState.Of(snapshot, _journal.CostSinceSnapshot));
        }
        catch (Exception fault)
        {
            // The grain migrates all the same: the other silo replays the stream.
            logger.NotHandedOver(fault, _journal!.Stream);
        }
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        if (rehydrationContext.TryGetValue<HandedOverState>(Key, out var state) && state is not null)
            _received = state;
    }
}

/// <summary>
/// A snapshot that one silo hands to another, and what replaying the events after the stored snapshot would cost:
/// without it a grain that migrates more often than snapshots are due would never have one stored.
/// </summary>
[GenerateSerializer, Immutable, Alias("granary.HandedOverState")]
internal sealed record HandedOverState(
    [property: Id(0)] StreamName Stream,
    [property: Id(1)] StreamVersion Version,
    [property: Id(2)] LogPosition Position,
    [property: Id(3)] DateTimeOffset Timestamp,
    [property: Id(4)] string Fingerprint,
    [property: Id(5)] ulong Checksum,
    [property: Id(6)] byte[] Payload,
    [property: Id(7)] long EventsSinceSnapshot,
    [property: Id(8)] TimeSpan CostPerEvent)
{
    public static HandedOverState Of(Snapshot from, ReplayCost cost) => new(
        from.Stream, from.Version, from.Position, from.Timestamp, from.Fingerprint, from.Checksum,
        from.Payload.ToArray(), cost.Events, cost.PerEvent);

    public Snapshot ToSnapshot() => new()
    {
        Stream = Stream,
        Version = Version,
        Position = Position,
        Timestamp = Timestamp,
        Fingerprint = Fingerprint,
        Checksum = Checksum,
        Payload = Payload,
    };
}
