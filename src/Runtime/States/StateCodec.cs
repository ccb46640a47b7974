using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;

namespace Granary.Runtime;

/// <summary>
/// Writes states with Orleans' serializer, which carries private state faithfully. What cannot be proved by types is
/// read back and compared before it is used: a snapshot that lost something is worse than none.
/// </summary>
internal sealed class StateCodec<TState> : IStateCodec<TState>
    where TState : class, new()
{
    private const int ReasonsMax = 100;

    private readonly Serializer _serializer;
    private readonly DeepCopier _copier;
    private readonly ILogger _logger;
    private readonly string _fingerprint;
    private readonly IReadOnlySet<Type> _described;
    private readonly bool _isClosed = SerializedType.Of(typeof(TState)).IsClosed;
    private readonly ConcurrentDictionary<string, bool> _reasons = new(StringComparer.Ordinal);
    private volatile bool _hasCopier;

    /// <summary>Examines the state type.</summary>
    /// <exception cref="StateNotSupportedException">A member's type can be neither copied nor shared.</exception>
    public StateCodec(Serializer serializer, DeepCopier copier, ILogger<StateCodec<TState>> logger)
    {
        if (StateKinds.FirstRefused(typeof(TState)) is { } refused)
            throw new StateNotSupportedException(
                typeof(TState), SerializedMembers.FullNameOf(refused),
                $"a {refused.FieldType} can be neither copied nor shared.");
        if (StateKinds.Of(typeof(TState)) != StateKind.Owned)
            throw new StateNotSupportedException(
                typeof(TState), typeof(TState).ToString(),
                "it is a service or a reference, which is shared instead of copied.");
        (_serializer, _copier, _logger) = (serializer, copier, logger.Guarded());
        _fingerprint = StateFingerprint.Of(typeof(TState), out _described);

        var isKnown = serializer.CanSerialize<TState>();
        var leftOut = SerializedMembers.FirstLeftOut(typeof(TState));
        IsSupported = isKnown && leftOut is null;
        _hasCopier = leftOut is null && HasCopier();
        if (!isKnown) _logger.NoSnapshots(typeof(TState));
        else if (leftOut is not null) _logger.NoWholeSnapshots(typeof(TState), leftOut);
    }

    public bool IsSupported { get; }

    public EncodedState? TryEncode(TState state)
    {
        if (!IsSupported) return null;
        var inspection = _isClosed ? null : StateInspection.Of(state);
        if (inspection?.Refusal is { } refusal) return Refuse(refusal);
        byte[] payload;
        try
        {
            payload = _serializer.SerializeToArray(state);
        }
        catch (CodecNotFoundException fault)
        {
            return Refuse(inspection?.Unproved ?? fault.Message);
        }

        if ((inspection?.Unproved is not null || HoldsReplacement(payload))
            && StateComparison.FirstDifference(state, _serializer.Deserialize<TState>(payload)!) is { } lost)
            return Refuse(lost);
        return inspection is null ? new(_fingerprint, payload) : new(FingerprintOf(inspection), payload);
    }

    public TState? TryDecode(string fingerprint, ReadOnlyMemory<byte> payload)
    {
        if (!IsSupported || !fingerprint.StartsWith(_fingerprint, StringComparison.Ordinal)) return null;
        var state = _serializer.Deserialize<TState>(payload);
        if (state is null || _isClosed) return fingerprint.Length == _fingerprint.Length ? state : null;
        return FingerprintOf(StateInspection.Of(state)) == fingerprint ? state : null;
    }

    public TState? DecodeAnyShape(ReadOnlyMemory<byte> payload) =>
        IsSupported ? _serializer.Deserialize<TState>(payload) : null;

    public TState Copy(TState state)
    {
        if (_hasCopier && (_isClosed || StateInspection.Of(state) is { Unproved: null, Refusal: null }))
        {
            try
            {
                return _copier.Copy(state);
            }
            catch (CodecNotFoundException)
            {
                // Known only now: a member holds something that Orleans cannot copy.
                _hasCopier = false;
            }
        }

        return StateCloner.Clone(state);
    }

    // The shapes of the types that only the objects show are checked as well: a derived class may have a new version.
    private string FingerprintOf(StateInspection inspection)
    {
        var further = inspection.Types.Where(type => !_described.Contains(type)).ToArray();
        return further.Length == 0 ? _fingerprint : $"{_fingerprint}+{StateFingerprint.Of(further)}";
    }

    // Orleans writes text as UTF-8, which has no half of a surrogate pair: that is read back as this character.
    private static bool HoldsReplacement(ReadOnlySpan<byte> payload) => payload.IndexOf("\uFFFD"u8) >= 0;

    private EncodedState? Refuse(string reason)
    {
        if (_reasons.Count < ReasonsMax && _reasons.TryAdd(reason, true))
            _logger.NoSnapshotOfState(typeof(TState), reason);
        return null;
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
