namespace Granary.Tests.Conformance.GrainStorage;

public sealed class MemoryOnMemory() : MemoryTestStore(partitions: 3)
{
    protected override OpenStore Open() => SnapshotsApart.Of(base.Open(), GrainStorages.Memory);
}

public sealed class MemoryOnSqlite() : SqliteTestStore(partitions: 3)
{
    protected override OpenStore Open() => SnapshotsApart.Of(base.Open(), GrainStorages.Memory);
}

public sealed class MemoryOnPostgres() : PostgresTestStore(partitions: 3)
{
    protected override OpenStore Open() => SnapshotsApart.Of(base.Open(), GrainStorages.Memory);
}

public sealed class BlobOnMemory() : MemoryTestStore(partitions: 3)
{
    public override string? SkipReason => GrainStorages.SkipReason(GrainStorages.Blob);

    protected override OpenStore Open() => SnapshotsApart.Of(base.Open(), GrainStorages.Blob);
}

public sealed class BlobOnSqlite() : SqliteTestStore(partitions: 1)
{
    public override string? SkipReason => GrainStorages.SkipReason(GrainStorages.Blob);

    protected override OpenStore Open() => SnapshotsApart.Of(base.Open(), GrainStorages.Blob);
}

public sealed class RedisOnMemory() : MemoryTestStore(partitions: 1)
{
    public override string? SkipReason => GrainStorages.SkipReason(GrainStorages.Redis);

    protected override OpenStore Open() => SnapshotsApart.Of(base.Open(), GrainStorages.Redis);
}
