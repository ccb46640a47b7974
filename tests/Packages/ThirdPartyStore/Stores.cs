using Granary.Runtime;
using Granary.Testing.Conformance;

namespace ThirdPartyStore;

/// <summary>How the suite opens the store: on data of each test's own, and again on the same data.</summary>
public sealed class ThreePartitions : TestStore
{
    private const byte Key = 0x5A;

    private readonly MemorySnapshotStore _snapshots = new();
    private readonly MemoryCheckpointStore _checkpoints = new();
    private readonly MemoryModelStore _models = new();
    private readonly MemoryEventStore _inner;

    public ThreePartitions()
        : base(partitions: 3) => _inner = new MemoryEventStore(Partitions, _snapshots);

    protected override OpenStore Open() =>
        new(new EncryptingEventStore(_inner, Key), _snapshots, _checkpoints, _inner, _inner) { Models = _models };
}
