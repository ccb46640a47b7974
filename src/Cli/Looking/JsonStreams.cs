using System.Buffers.Binary;
using System.Text.Json;
using Granary.Contracts;
using Granary.Grains;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Serialization;

namespace Granary.Cli;

/// <summary>
/// Folds streams of JSON events as the shipped aggregate does: by JSON merge patch. What a silo registers for a
/// category, or another aggregate, folds otherwise, and is not known here.
/// </summary>
internal sealed class JsonStreams
{
    private static readonly string FoldHash = Snapshots.Fold(
        FoldFingerprint.Of(typeof(EventStreamGrain), new MergePatch(), new MergePatch.Codec()),
        GrainType.Create(GranaryNames.EventStreamGrainType));

    private readonly StreamReducers _reducers = new([]);
    private readonly Lazy<StateCodec<EventStreamState>> _codec = new(static () =>
    {
        var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        return new(
            services.GetRequiredService<Serializer>(), services.GetRequiredService<DeepCopier>(),
            NullLogger<StateCodec<EventStreamState>>.Instance);
    });

    /// <summary>Whether a snapshot is one of the shipped aggregate's, which can be folded anew here.</summary>
    public static bool IsOwn(Snapshot snapshot) =>
        snapshot.Fingerprint.EndsWith($"/{FoldHash}", StringComparison.Ordinal);

    /// <summary>Folds an event into a state; Granary's own events change none.</summary>
    /// <exception cref="ReplayFailedException">It cannot be folded.</exception>
    public void Fold(EventStreamState state, RecordedEvent recorded)
    {
        if (EventTypes.IsReserved(recorded.Type))
        {
            ReservedEvents.ThrowIfUnknown(recorded);
            return;
        }

        if (recorded.ContentType != ContentTypes.Json)
            throw new ReplayFailedException(recorded, $"Its content is {recorded.ContentType}, which is no JSON.");
        try
        {
            var data = recorded.Payload.IsEmpty ? null : recorded.Payload.ToArray();
            var one = new StreamEvent(recorded.Type, data, recorded.Id, recorded.Metadata.Pairs);
            _reducers.Fold(recorded.Stream.Category, state, one);
            state.Remember(one);
        }
        catch (Exception fault) when (fault is JsonException or LimitExceededException)
        {
            throw new ReplayFailedException(recorded, fault.Message, fault);
        }
    }

    /// <summary>The state in a snapshot of the shipped aggregate's; null where it cannot be read.</summary>
    public EventStreamState? TryDecode(Snapshot snapshot)
    {
        var payload = snapshot.Payload;
        if (Snapshots.ShapeOf(snapshot, FoldHash) is not { } shape || payload.Length < sizeof(int)) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(payload.Span);
        if (length < 0 || length > payload.Length - sizeof(int)) return null;
        try
        {
            return _codec.Value.TryDecode(shape, payload.Slice(sizeof(int), length));
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Whatever the serializer throws: it is no state.
            return null;
        }
    }

    /// <summary>Whether two states are the same.</summary>
    public static bool AreEqual(EventStreamState one, EventStreamState other)
    {
        if (one.ToJson().Span.SequenceEqual(other.ToJson().Span)) return true;
        using var first = JsonDocument.Parse(one.ToJson());
        using var second = JsonDocument.Parse(other.ToJson());
        return JsonElement.DeepEquals(first.RootElement, second.RootElement);
    }

    // The identity that a silo without reducers of its own has.
    private sealed class MergePatch : IFoldIdentity
    {
        public string FoldIdentity => new StreamReducers([]).IdentityOf("");

        public sealed class Codec : IFoldIdentity
        {
            public string FoldIdentity => "";
        }
    }
}
