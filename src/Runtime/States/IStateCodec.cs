namespace Granary.Runtime;

/// <summary>Writes and reads the state of one type for snapshots and for the hand-over between silos.</summary>
/// <typeparam name="TState">The state type.</typeparam>
internal interface IStateCodec<TState>
    where TState : class, new()
{
    /// <summary>Whether states of this type can be written at all; where not, streams are replayed.</summary>
    bool IsSupported { get; }

    /// <summary>The shape of the type; a snapshot with another one is ignored.</summary>
    string Fingerprint { get; }

    /// <summary>Writes a state.</summary>
    byte[] Encode(TState state);

    /// <summary>Reads a state.</summary>
    TState Decode(ReadOnlyMemory<byte> payload);

    /// <summary>A copy that shares nothing mutable with the original; null where the type cannot be copied.</summary>
    TState? TryCopy(TState state);
}
