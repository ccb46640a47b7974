using Microsoft.Extensions.Logging;

namespace Granary.Runtime;

/// <summary>
/// Carries the folded state of a grain that moves to the silo that it moves to, so that only what was appended
/// meanwhile has to be read there. It is a component of the grain's context from its creation on: Orleans delivers the
/// state before the journal exists.
/// </summary>
internal sealed class MigrationParticipant(ILogger logger) : IGrainMigrationParticipant
{
    private const string Key = "granary.state";

    private IJournal? _journal;
    private MigratedState? _received;

    /// <summary>Sets the journal whose state is sent along when the grain migrates.</summary>
    public void SetJournal(IJournal journal) => _journal = journal;

    /// <summary>The state that the other silo sent; null when it is called again.</summary>
    public MigratedState? GetReceived() => Interlocked.Exchange(ref _received, null);

    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        try
        {
            if (_journal?.TakeSnapshot() is { } snapshot)
                dehydrationContext.TryAddValue(Key, MigratedState.Of(snapshot, _journal.CostSinceSnapshot));
        }
        catch (Exception fault)
        {
            // The grain migrates all the same: the other silo replays the stream.
            logger.NotMigrated(fault, _journal!.Stream);
        }
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        if (rehydrationContext.TryGetValue<MigratedState>(Key, out var state) && state is not null)
            _received = state;
    }
}

/// <summary>
/// A snapshot that one silo sends to another, and what replaying the events after the stored snapshot would cost:
/// without it a grain that migrates more often than snapshots are due would never have one stored.
/// </summary>
[GenerateSerializer, Immutable, Alias("granary.MigratedState")]
internal sealed record MigratedState(
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
    public static MigratedState Of(Snapshot from, ReplayCost cost) => new(
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
