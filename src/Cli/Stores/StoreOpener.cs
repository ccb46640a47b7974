using Granary.Storage.AzureStorage;
using Granary.Storage.Postgres;
using Granary.Storage.Sqlite;

namespace Granary.Cli;

/// <summary>Opens stores by their addresses. Whoever opens one need not know how many partitions it has.</summary>
/// <param name="time">The clock.</param>
internal sealed class StoreOpener(TimeProvider time)
{
    // What every kind of store can have.
    private const int PartitionsMax = 64;

    /// <summary>Opens a store that is there.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public async Task<OpenedStore> OpenAsync(StoreAddress address, CancellationToken cancellationToken) =>
        await FindPartitionCountAsync(address, cancellationToken) is { } count
            ? await OpenAsync(address, count, cancellationToken)
            : throw new CommandException($"There is no store: {address}.", ExitCodes.Unavailable);

    /// <summary>Opens a store, and creates it where it is not there.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="partitions">How many partitions a new one gets; null for the default of its kind.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="CommandException">It is there, and has another number of partitions than is wanted.</exception>
    public async Task<OpenedStore> OpenOrCreateAsync(
        StoreAddress address, int? partitions, CancellationToken cancellationToken)
    {
        if (partitions is < 1 or > PartitionsMax)
            throw new CommandException($"--partitions is 1 to {PartitionsMax}.", ExitCodes.Usage);
        var found = await FindPartitionCountAsync(address, cancellationToken);
        if (found is { } count && partitions is { } wanted && count != wanted)
            throw new CommandException(
                $"{address} has {count} partition(s), and {wanted} are requested. The number is fixed when a store is "
                + "created: leave --partitions out, or choose another store.", ExitCodes.Found);
        return await OpenAsync(address, found ?? partitions, cancellationToken);
    }

    /// <summary>Whether there is a store.</summary>
    public async Task<bool> ExistsAsync(StoreAddress address, CancellationToken cancellationToken) =>
        await FindPartitionCountAsync(address, cancellationToken) is not null;

    private async Task<int?> FindPartitionCountAsync(
        StoreAddress address, CancellationToken cancellationToken) => address switch
        {
            { Path: not null } => SqliteStoreProbe.FindPartitionCount(SqliteOptions(address, null)),
            { Azure: { } account } => await AzureStoreProbe.FindPartitionCountAsync(account, time, cancellationToken),
            _ => await PostgresStoreProbe.FindPartitionCountAsync(PostgresOptions(address, null), cancellationToken),
        };

    private async Task<OpenedStore> OpenAsync(
        StoreAddress address, int? partitions, CancellationToken cancellationToken)
    {
        if (address.Path is not null)
        {
            var options = SqliteOptions(address, partitions);
            var store = new SqliteEventStore(options, time: time);
            return await OpenAsync(
                address, store, new SqliteSnapshotStore(store), new SqliteCheckpointStore(store),
                token => Task.Run(() => Check(options, token), token), cancellationToken);
        }

        if (address.Azure is { } account)
        {
            if (partitions is { } count) account.PartitionCount = count;
            var store = new AzureEventStore(account, time: time);
            return await OpenAsync(
                address, store, new AzureSnapshotStore(store), new AzureCheckpointStore(store),
                token => RowCheck.RunAsync(store, token), cancellationToken);
        }

        var database = new PostgresEventStore(PostgresOptions(address, partitions), time: time);
        return await OpenAsync(
            address, database, new PostgresSnapshotStore(database), new PostgresCheckpointStore(database), null,
            cancellationToken);
    }

    private static async Task<OpenedStore> OpenAsync<TStore>(
        StoreAddress address, TStore store, ISnapshotStore snapshots, ICheckpointStore checkpoints,
        Func<CancellationToken, Task<IReadOnlyList<string>>>? checkFile, CancellationToken cancellationToken)
        where TStore : IEventStore, ILogTail, IStreamCatalog, IAsyncDisposable
    {
        try
        {
            return new()
            {
                Name = address.Name,
                Description = await store.InitializeAsync(cancellationToken),
                Events = store,
                Snapshots = snapshots,
                Checkpoints = checkpoints,
                Tail = store,
                Streams = store,
                CheckFile = checkFile,
            };
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    private static IReadOnlyList<string> Check(SqliteStoreOptions options, CancellationToken cancellationToken) =>
        [.. SqliteStoreProbe.CheckFile(options, cancellationToken).Select(static found => $"SQLite finds: {found}")];

    private static SqliteStoreOptions SqliteOptions(StoreAddress address, int? partitions)
    {
        var options = new SqliteStoreOptions { Path = address.Path! };
        if (partitions is { } count) options.PartitionCount = count;
        return options;
    }

    private static PostgresStoreOptions PostgresOptions(StoreAddress address, int? partitions)
    {
        var options = new PostgresStoreOptions
        {
            ConnectionString = address.ConnectionString!,
            Schema = address.Schema,
        };
        if (partitions is { } count) options.PartitionCount = count;
        return options.Parse() is not null && options.HasSchemaName() ? options : throw new CommandException(
            "The address of the PostgreSQL store is no connection string, or its schema has other characters than "
            + "small letters, digits and underscores.", ExitCodes.Usage);
    }
}
