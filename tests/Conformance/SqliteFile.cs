using Granary.Storage.Sqlite;

namespace Granary.Tests.Conformance;

/// <summary>A database file of a test's own, and the stores opened on it.</summary>
internal sealed class SqliteFile(int partitions) : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("granary-");
    private readonly List<SqliteEventStore> _stores = [];

    public string Path => System.IO.Path.Combine(_folder.FullName, "granary.db");

    /// <summary>Opens the file once more, as another process would.</summary>
    public SqliteEventStore Open(int indexFlushEvents = 64)
    {
        var store = new SqliteEventStore(new SqliteStoreOptions
        {
            Path = Path,
            PartitionCount = partitions,
            IndexFlushEvents = indexFlushEvents,
        });
        _stores.Add(store);
        return store;
    }

    public ValueTask<(IEventStore Events, ISnapshotStore Snapshots)> OpenBothAsync()
    {
        var store = Open();
        return ValueTask.FromResult<(IEventStore, ISnapshotStore)>((store, new SqliteSnapshotStore(store)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
