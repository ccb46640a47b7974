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
    private Snapshot? _received;

    /// <summary>Says whose state is handed over when the grain moves on.</summary>
    public void Follow(IJournal journal) => _journal = journal;

    /// <summary>What the other silo handed over; once.</summary>
    public Snapshot? TakeOver() => Interlocked.Exchange(ref _received, null);

    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        try
        {
            if (_journal?.TakeSnapshot() is { } snapshot)
                dehydrationContext.TryAddValue(Key, HandedOverState.Of(snapshot));
        }
        catch (Exception fault)
        {
            // The move goes on: the other silo replays the stream.
            logger.NotHandedOver(fault, _journal!.Stream);
        }
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        if (rehydrationContext.TryGetValue<HandedOverState>(Key, out var state) && state is not null)
            _received = state.ToSnapshot();
    }
}

/// <summary>A snapshot on its way from silo to silo.</summary>
[GenerateSerializer, Immutable, Alias("granary.HandedOverState")]
internal sealed record HandedOverState(
    [property: Id(0)] StreamName Stream,
    [property: Id(1)] StreamVersion Version,
    [property: Id(2)] LogPosition Position,
    [property: Id(3)] DateTimeOffset Timestamp,
    [property: Id(4)] string Fingerprint,
    [property: Id(5)] ulong Checksum,
    [property: Id(6)] byte[] Payload)
{
    public static HandedOverState Of(Snapshot from) => new(
        from.Stream, from.Version, from.Position, from.Timestamp, from.Fingerprint, from.Checksum,
            from.Payload.ToArray());

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
