using System.Buffers.Binary;

namespace Granary.Runtime;

internal sealed partial class JournalState<TView, TEntry>
{
    // A state that other code folded is no shortcut for this one.
    private string FoldHash => field ??=
        Snapshots.Fold(FoldFingerprint.Of(host.GetType(), host, codecs.Events), context.GrainId.Type);

    /// <summary>
    /// The state as a snapshot: for the store, or for the silo that the grain moves to. Null where it has none.
    /// </summary>
    public Snapshot? TakeSnapshot()
    {
        if (_version == 0 || codecs.States.TryEncode(_confirmed) is not { } encoded) return null;
        var state = encoded.Payload;
        var commands = _commands?.Encode() ?? [];
        var payload = new byte[sizeof(int) + state.Length + commands.Length];
        BinaryPrimitives.WriteInt32LittleEndian(payload, state.Length);
        state.CopyTo(payload, sizeof(int));
        commands.CopyTo(payload, sizeof(int) + state.Length);
        return Snapshots.Seal(
            Stream, new(Version, Position, new DateTimeOffset(_latestUtcTicks, TimeSpan.Zero)),
            Snapshots.Fingerprint(encoded.Fingerprint, FoldHash), payload);
    }

    /// <summary>What replaying the events after the last stored snapshot would cost.</summary>
    public ReplayCost CostSinceSnapshot => new(_eventsSinceSnapshot, _costPerEvent);

    public void SnapshotIfDue()
    {
        if (_eventsSinceSnapshot == 0 || !codecs.States.IsSupported || !services.SnapshotWriter.IsEnabled) return;
        try
        {
            if (!services.SnapshotPolicy.IsDue(Stream, CostSinceSnapshot)) return;

            // A state that cannot be written now is tried again when the policy requires the next snapshot.
            _eventsSinceSnapshot = 0;
            if (TakeSnapshot() is { } snapshot) services.SnapshotWriter.TryEnqueue(snapshot);
        }
        catch (Exception fault)
        {
            services.Logger.SnapshotNotTaken(fault, Stream, _version);
        }
    }

    /// <summary>
    /// The state as it was at a version, as a snapshot. Null where it has none, or the stream no such version.
    /// </summary>
    public async ValueTask<Snapshot?> TakeSnapshotAtAsync(StreamVersion version, CancellationToken cancellationToken)
    {
        var past = Fresh();
        past._last = version.Value;
        await past.ReplayAsync(migrated: null, cancellationToken);
        return past._version == version.Value ? past.TakeSnapshot() : null;
    }

    /// <summary>Whether a snapshot is of a grain of this one's type.</summary>
    public bool IsOwn(Snapshot snapshot) => Snapshots.IsOf(snapshot, context.GrainId.Type);

    /// <summary>Decodes a snapshot; null where it does not match, or cannot be read.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="ofOtherCode">Whether it may be of other code, or of another shape of the state type.</param>
    public (TView State, IReadOnlyList<RememberedCommand> Commands)? TryDecode(
        Snapshot snapshot, bool ofOtherCode = false)
    {
        if (!codecs.States.IsSupported || snapshot.Stream != Stream) return null;
        var shape = Snapshots.ShapeOf(snapshot, FoldHash);
        if (shape is null && !(ofOtherCode && Snapshots.IsWhole(snapshot) && IsOwn(snapshot))) return null;
        var payload = snapshot.Payload;
        if (payload.Length < sizeof(int)) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(payload.Span);
        if (length < 0 || length > payload.Length - sizeof(int)) return null;
        try
        {
            var encoded = payload.Slice(sizeof(int), length);
            var decoded = ofOtherCode
                ? codecs.States.DecodeAnyShape(encoded)
                : codecs.States.TryDecode(shape!, encoded);
            return decoded is { } state
                ? (state, CommandMemory.Decode(payload.Span[(sizeof(int) + length)..]))
                : null;
        }
        catch (Exception fault)
        {
            services.Logger.SnapshotNotRead(fault, Stream, snapshot.Version.Value);
            return null;
        }
    }
}
