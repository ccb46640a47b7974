using System.Buffers.Binary;

namespace Granary.Runtime;

internal sealed partial class JournalState<TView, TEntry>
{
    /// <summary>
    /// The state as a snapshot: for the store, or for the silo that the grain moves to. Null where it has none.
    /// </summary>
    public Snapshot? TakeSnapshot()
    {
        if (!codecs.States.IsSupported || _version == 0) return null;
        var state = codecs.States.Encode(_confirmed);
        var commands = _commands?.Encode() ?? [];
        var payload = new byte[sizeof(int) + state.Length + commands.Length];
        BinaryPrimitives.WriteInt32LittleEndian(payload, state.Length);
        state.CopyTo(payload, sizeof(int));
        commands.CopyTo(payload, sizeof(int) + state.Length);
        return Snapshots.Seal(Stream, new(Version, _position, _latest), codecs.States.Fingerprint, payload);
    }

    public void SnapshotIfDue()
    {
        if (!codecs.States.IsSupported || !services.SnapshotPolicy.IsDue(_eventsSinceSnapshot, _costPerEvent)) return;

        // A shortcut is not worth an error: a state that cannot be written is replayed, and the policy asks again
        // later.
        _eventsSinceSnapshot = 0;
        try
        {
            if (TakeSnapshot() is { } snapshot) services.SnapshotWriter.TryEnqueue(snapshot);
        }
        catch (Exception fault)
        {
            services.Logger.SnapshotNotTaken(fault, Stream, _version);
        }
    }

    /// <summary>Decodes a snapshot; null where it does not match, or cannot be read.</summary>
    public (TView State, ReadOnlyMemory<byte> Commands)? TryDecode(Snapshot snapshot)
    {
        if (!codecs.States.IsSupported || !Snapshots.IsValid(snapshot, codecs.States.Fingerprint)) return null;
        var payload = snapshot.Payload;
        if (payload.Length < sizeof(int)) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(payload.Span);
        if (length < 0 || length > payload.Length - sizeof(int)) return null;
        try
        {
            return (codecs.States.Decode(payload.Slice(sizeof(int), length)), payload[(sizeof(int) + length)..]);
        }
        catch (Exception fault)
        {
            services.Logger.SnapshotNotRead(fault, Stream, snapshot.Version.Value);
            return null;
        }
    }
}
