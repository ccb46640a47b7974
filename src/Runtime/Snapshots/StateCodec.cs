using Microsoft.Extensions.Logging;
using Orleans.Serialization;

namespace Granary.Runtime;

/// <summary>
/// Writes states with Orleans' serializer, which carries private state faithfully. A type that it does not know is never
/// written: JSON would lose what it cannot see, and a snapshot that lies is worse than none.
/// </summary>
internal sealed class StateCodec<TState> : IStateCodec<TState>
    where TState : class, new()
{
    private readonly Serializer _serializer;
    private readonly DeepCopier _copier;
    private readonly bool _hasCopier;

    public StateCodec(Serializer serializer, DeepCopier copier, ILogger<StateCodec<TState>> logger)
    {
        _serializer = serializer;
        _copier = copier;
        IsSupported = serializer.CanSerialize<TState>();
        _hasCopier = HasCopier();
        Fingerprint = StateFingerprint.Of(typeof(TState));
        if (!IsSupported) logger.NoSnapshots(typeof(TState));
    }

    public bool IsSupported { get; }

    public string Fingerprint { get; }

    public byte[] Encode(TState state) => _serializer.SerializeToArray(state);

    public TState Decode(ReadOnlyMemory<byte> payload) => _serializer.Deserialize<TState>(payload)!;

    public TState? TryCopy(TState state) => _hasCopier ? _copier.Copy(state) : StateCloner.Clone(state);

    private bool HasCopier()
    {
        try
        {
            _copier.Copy(new TState());
            return true;
        }
        catch (CodecNotFoundException)
        {
            return false;
        }
    }
}
