using Granary.Storage.Sqlite;

namespace Granary.Tests.Conformance;

public sealed class SqliteOnePartition() : SqliteTestStore(partitions: 1);

public sealed class SqliteThreePartitions() : SqliteTestStore(partitions: 3);

/// <summary>A database file of a test's own.</summary>
public abstract class SqliteTestStore(int partitions) : TestStore(partitions)
{
    // So few that the stream index is flushed, and lags again, within every test.
    private const int IndexFlushEvents = 8;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("granary-");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    protected override OpenStore Open()
    {
        var options = new SqliteStoreOptions
        {
            Path = Path.Combine(_folder.FullName, "granary.db"),
            PartitionCount = Partitions,
            IndexFlushEvents = IndexFlushEvents,
        };
        var store = new SqliteEventStore(options);
        return new(store, new SqliteSnapshotStore(store), new SqliteCheckpointStore(store), store, store)
        {
            Models = new SqliteModelStore(options),
        };
    }
}
