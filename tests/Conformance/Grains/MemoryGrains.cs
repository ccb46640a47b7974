using Granary.Runtime;

namespace Granary.Tests.Conformance.Grains;

internal static class Memory
{
    public static ValueTask<(IEventStore, ISnapshotStore)> OpenAsync(int partitions)
    {
        var snapshots = new MemorySnapshotStore();
        return ValueTask.FromResult<(IEventStore, ISnapshotStore)>((new MemoryEventStore(partitions, snapshots),
            snapshots));
    }
}

public sealed class MemoryJournaledGrainTests : JournaledGrainConformance
{
    protected override ValueTask<(IEventStore Events, ISnapshotStore Snapshots)> OpenAsync() => Memory.OpenAsync(1);
}

public sealed class MemoryFaultTests : FaultConformance
{
    protected override ValueTask<(IEventStore Events, ISnapshotStore Snapshots)> OpenAsync() => Memory.OpenAsync(3);
}

public sealed class MemoryCommandTests : CommandConformance
{
    protected override ValueTask<(IEventStore Events, ISnapshotStore Snapshots)> OpenAsync() => Memory.OpenAsync(1);
}
