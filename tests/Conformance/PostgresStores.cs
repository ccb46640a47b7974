using Granary.Storage.Postgres;
using Npgsql;

namespace Granary.Tests.Conformance;

public sealed class PostgresOnePartition() : PostgresTestStore(partitions: 1);

public sealed class PostgresThreePartitions() : PostgresTestStore(partitions: 3);

/// <summary>Through a pooler that gives each transaction any connection of the server's.</summary>
public sealed class PostgresThroughTransactions() : PooledTestStore("transaction");

/// <summary>Through a pooler that gives each connection one of the server's.</summary>
public sealed class PostgresThroughSessions() : PooledTestStore("session");

/// <summary>The store through a pooler of the test's own.</summary>
public abstract class PooledTestStore(string mode) : PostgresTestStore(partitions: 3)
{
    private readonly Lazy<PgBouncer> _pooler = new(() => new PgBouncer(mode));

    public override string? SkipReason => PgBouncer.SkipReason;

    protected override string ConnectionString => _pooler.Value.ConnectionString;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_pooler.IsValueCreated) _pooler.Value.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A schema of a test's own in the database of the test run.</summary>
public abstract class PostgresTestStore(int partitions) : TestStore(partitions)
{
    // So few that the stream index is flushed, and lags again, within every test.
    private const int IndexFlushEvents = 8;

    private readonly string _schema = $"test_{Uuid7.New(TimeProvider.System):n}";
    private bool _opened;

    public override string? SkipReason => PostgresServer.SkipReason;

    protected virtual string ConnectionString => PostgresServer.ConnectionString;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_opened) await DropAsync();
        GC.SuppressFinalize(this);
    }

    protected override OpenStore Open()
    {
        _opened = true;
        var store = new PostgresEventStore(new PostgresStoreOptions
        {
            ConnectionString = ConnectionString,
            Schema = _schema,
            PartitionCount = Partitions,
            IndexFlushEvents = IndexFlushEvents,
        });
        return new(store, new PostgresSnapshotStore(store), new PostgresCheckpointStore(store), store, store)
        {
            Models = new PostgresModelStore(store),
        };
    }

    private async Task DropAsync()
    {
        await using var source = NpgsqlDataSource.Create(PostgresServer.ConnectionString);
        await using var command = source.CreateCommand($"DROP SCHEMA IF EXISTS {_schema} CASCADE");
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
