using Microsoft.Extensions.Logging;
using Orleans.Serialization;

namespace Granary.Runtime;

/// <summary>
/// Writes states with Orleans' serializer, which carries private state faithfully. A type that it does not know whole
/// is never written: what it cannot see would be lost, and a snapshot that lies is worse than none.
/// </summary>
internal sealed class StateCodec<TState> : IStateCodec<TState>
    where TState : class, new()
{
    private readonly Serializer _serializer;
    private readonly DeepCopier _copier;
    private volatile bool _hasCopier;

    public StateCodec(Serializer serializer, DeepCopier copier, ILogger<StateCodec<TState>> logger)
    {
        _serializer = serializer;
        _copier = copier;
        Fingerprint = StateFingerprint.Of(typeof(TState));

        var isKnown = serializer.CanSerialize<TState>();
        var leftOut = SerializedMembers.FirstLeftOut(typeof(TState));
        IsSupported = isKnown && leftOut is null;
        _hasCopier = leftOut is null && HasCopier();
        if (!isKnown) logger.NoSnapshots(typeof(TState));
        else if (leftOut is not null) logger.NoWholeSnapshots(typeof(TState), leftOut);
    }

    public bool IsSupported { get; }

    public string Fingerprint { get; }

    public byte[] Encode(TState state) => _serializer.SerializeToArray(state);

    public TState Decode(ReadOnlyMemory<byte> payload) => _serializer.Deserialize<TState>(payload)!;

    public TState? TryCopy(TState state)
    {
        if (_hasCopier)
        {
            try
            {
                return _copier.Copy(state);
            }
            catch (CodecNotFoundException)
            {
                // Known only now: a field of an open type holds something that Orleans cannot copy.
                _hasCopier = false;
            }
        }

        return StateCloner.Clone(state);
    }

    private bool HasCopier()
    {
        try
        {
            // A type marked as immutable is not copied but shared, and a state is folded into.
            var state = new TState();
            return !ReferenceEquals(_copier.Copy(state), state);
        }
        catch (CodecNotFoundException)
        {
            return false;
        }
    }
}
