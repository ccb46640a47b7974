using Granary.Runtime;
using Granary.Testing;

namespace Granary.Tests.Unit.Adoption;

/// <summary>A cluster on Granary whose store outlives it, beside the old storage.</summary>
internal sealed class NewSystem(OldStorage old, int appendEventsMax = GranaryLimits.AppendEventsMax)
{
    private readonly MemorySnapshotStore _snapshots = new();

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public MemoryEventStore Memory => field ??= new(1, _snapshots);

    /// <summary>What fails and waits on command.</summary>
    public FaultInjectingEventStore Store => field ??= new(Limited);

    public LimitedStore Limited => field ??= new(Memory, appendEventsMax);

    /// <summary>Another silo's access to the same store and the same old storage.</summary>
    public FaultInjectingEventStore AnotherStore() => new(new LimitedStore(Memory, appendEventsMax));

    public Task<GranaryTestCluster> StartAsync(
        Action<IGranaryBuilder>? configure = null, FaultInjectingEventStore? store = null, TimeProvider? time = null) =>
        GranaryTestCluster.StartAsync(new()
        {
            Store = store ?? Store,
            Snapshots = _snapshots,
            Time = time,
            Configure = (silo, granary) =>
            {
                old.AddTo(silo);
                (configure ?? (static one => one.AdoptLogStorage(OldStorage.Name)))(granary);
            },
        });

    /// <summary>All events of a stream, as the store has them.</summary>
    public async Task<IReadOnlyList<RecordedEvent>> ReadAsync(string key) =>
        (await Memory.ReadStreamForwardAsync(new("pages", key), default, 1000, Token)).Events;

    /// <summary>The texts of a stream's events, as the store has them.</summary>
    public async Task<string[]> ReadTextsAsync(string key) =>
    [
        .. (await ReadAsync(key)).Select(static one =>
            System.Text.Json.JsonDocument.Parse(one.Payload).RootElement.GetProperty("text").GetString()!),
    ];

    public static IPagesGrain Pages(GranaryTestCluster cluster, string key) =>
        cluster.Grains.GetGrain<IPagesGrain>(key);
}
