using System.Buffers.Binary;

namespace Granary.Runtime;

internal sealed partial class Journal<TView, TEntry>
{
    /// <summary>
    /// The state as a snapshot: for the store, or for the silo that the grain moves to. Null where it has none.
    /// </summary>
    public Snapshot? TakeSnapshot()
    {
        if (!_stateCodec.IsSupported || _version == 0 || _failure is not null) return null;
        var state = _stateCodec.Encode(_confirmed);
        var commands = _commandHost?.Commands.Encode() ?? [];
        var payload = new byte[sizeof(int) + state.Length + commands.Length];
        BinaryPrimitives.WriteInt32LittleEndian(payload, state.Length);
        state.CopyTo(payload, sizeof(int));
        commands.CopyTo(payload, sizeof(int) + state.Length);
        return Snapshots.Seal(Stream, new(Version, _position, _latest), _stateCodec.Fingerprint, payload);
    }

    private void SnapshotIfDue()
    {
        if (!_stateCodec.IsSupported || !_services.SnapshotPolicy.IsDue(_eventsSinceSnapshot, _costPerEvent)) return;

        // A shortcut is not worth an error: a state that cannot be written is replayed, and the policy asks again
        // later.
        _eventsSinceSnapshot = 0;
        try
        {
            if (TakeSnapshot() is { } snapshot) _services.SnapshotWriter.TryEnqueue(snapshot);
        }
        catch (Exception fault)
        {
            _services.Logger.SnapshotNotTaken(fault, Stream, _version);
        }
    }

    private (TView State, ReadOnlyMemory<byte> Commands)? TryDecode(Snapshot snapshot)
    {
        if (!_stateCodec.IsSupported || !Snapshots.IsValid(snapshot, _stateCodec.Fingerprint)) return null;
        var payload = snapshot.Payload;
        if (payload.Length < sizeof(int)) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(payload.Span);
        if (length < 0 || length > payload.Length - sizeof(int)) return null;
        try
        {
            return (_stateCodec.Decode(payload.Slice(sizeof(int), length)), payload[(sizeof(int) + length)..]);
        }
        catch (Exception fault)
        {
            _services.Logger.SnapshotNotRead(fault, Stream, snapshot.Version.Value);
            return null;
        }
    }
}
