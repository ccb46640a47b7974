namespace Granary.Tests.Conformance.Grains;

public sealed class SqliteJournaledGrainTests : JournaledGrainConformance
{
    private readonly SqliteFile _file = new(partitions: 1);

    protected override ValueTask<(IEventStore Events, ISnapshotStore Snapshots)> OpenAsync() => _file.OpenBothAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _file.DisposeAsync();
    }
}

public sealed class SqliteFaultTests : FaultConformance
{
    private readonly SqliteFile _file = new(partitions: 3);

    protected override ValueTask<(IEventStore Events, ISnapshotStore Snapshots)> OpenAsync() => _file.OpenBothAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _file.DisposeAsync();
    }
}

public sealed class SqliteCommandTests : CommandConformance
{
    private readonly SqliteFile _file = new(partitions: 1);

    protected override ValueTask<(IEventStore Events, ISnapshotStore Snapshots)> OpenAsync() => _file.OpenBothAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _file.DisposeAsync();
    }
}
