using Granary.Runtime;

namespace Granary.Tests.Conformance;

public sealed class MemoryOnePartition() : MemoryTestStore(partitions: 1);

public sealed class MemoryThreePartitions() : MemoryTestStore(partitions: 3);

/// <summary>The store in memory: its data are the instance, so that every process has the same.</summary>
public abstract class MemoryTestStore : TestStore
{
    private readonly OpenStore _store;

    protected MemoryTestStore(int partitions)
        : base(partitions)
    {
        var snapshots = new MemorySnapshotStore();
        var events = new MemoryEventStore(partitions, snapshots);
        _store = new(events, snapshots, new MemoryCheckpointStore(), events, events)
        {
            Models = new MemoryModelStore(),
        };
    }

    protected override OpenStore Open() => _store;
}
