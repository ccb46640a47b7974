namespace Granary.Runtime;

/// <summary>Copies the states of one type, and writes and reads them for snapshots and migrations.</summary>
/// <typeparam name="TState">The state type.</typeparam>
internal interface IStateCodec<TState>
    where TState : class, new()
{
    /// <summary>Whether states of this type can be written at all; where not, streams are replayed.</summary>
    bool IsSupported { get; }

    /// <summary>Writes a state; null where it would not be read back as it is.</summary>
    EncodedState? TryEncode(TState state);

    /// <summary>Reads a state; null where one of its types has another shape now than when it was written.</summary>
    TState? TryDecode(string fingerprint, ReadOnlyMemory<byte> payload);

    /// <summary>
    /// Reads a state of any shape of its types, as Orleans' serializer does it: members that it does not have get their
    /// default.
    /// </summary>
    TState? DecodeAnyShape(ReadOnlyMemory<byte> payload);

    /// <summary>A copy that shares nothing of its own with the original.</summary>
    /// <exception cref="StateNotSupportedException">A member holds what cannot be copied.</exception>
    /// <exception cref="LimitExceededException">The state is too large.</exception>
    TState Copy(TState state);
}

/// <summary>A state as bytes.</summary>
/// <param name="Fingerprint">The shape of the state's types, declared and found.</param>
/// <param name="Payload">The bytes.</param>
internal readonly record struct EncodedState(string Fingerprint, byte[] Payload);
