using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Granary.Silo;
using Npgsql;
using Orleans.TestingHost;
using StackExchange.Redis;

namespace Granary.Tests.Integration;

public sealed class AzureTableAdoptionTests : AdoptionTests
{
    // A record holds less than 1 MiB.
    protected override int LongCount => 2_000;

    protected override string? SkipReason => AzuriteServer.SkipReason;

    protected override void AddOldStorage(ISiloBuilder silo) => silo.AddAzureTableGrainStorage(
        NotesGrain.OldStorageName,
        static azure => azure.TableServiceClient = new TableServiceClient(AzuriteServer.ConnectionString));
}

public sealed class AzureBlobAdoptionTests : AdoptionTests
{
    protected override string? SkipReason => AzuriteServer.SkipReason;

    protected override void AddOldStorage(ISiloBuilder silo) => silo.AddAzureBlobGrainStorage(
        NotesGrain.OldStorageName, static azure => azure.BlobServiceClient = new BlobServiceClient(
            AzuriteServer.ConnectionString, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05)));
}

public sealed class RedisAdoptionTests : AdoptionTests
{
    protected override string? SkipReason => RedisServer.SkipReason;

    protected override void AddOldStorage(ISiloBuilder silo) => silo.AddRedisGrainStorage(
        NotesGrain.OldStorageName,
        static redis => redis.ConfigurationOptions = ConfigurationOptions.Parse(RedisServer.ConnectionString));
}

public sealed class AdoNetAdoptionTests : AdoptionTests
{
    private readonly string _schema = $"test_{Uuid7.New(TimeProvider.System):n}";
    private NpgsqlDataSource? _database;
    private QualifiedDataSource? _qualified;

    protected override string? SkipReason => PostgresServer.SkipReason;

    protected override async ValueTask PrepareAsync()
    {
        _database = NpgsqlDataSource.Create(PostgresServer.ConnectionString);
        _qualified = new QualifiedDataSource(_database);
        await PostgresSchema.ApplyAsync(_database, Token);
    }

    protected override void AddOldStorage(ISiloBuilder silo) => silo.AddAdoNetGrainStorage(
        NotesGrain.OldStorageName, database =>
        {
            database.Invariant = "Npgsql";
            database.DataSource = _qualified!;
        });

    // As an application would that has a database already.
    protected override IGranaryBuilder AddNewStore(IGranaryBuilder granary) => granary.UsePostgres(
        store => (store.ConnectionString, store.Schema) = (PostgresServer.ConnectionString, _schema));

    public override async ValueTask DisposeAsync()
    {
        if (_qualified is not null) await _qualified.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
        await base.DisposeAsync();
    }
}

/// <summary>
/// What Orleans' own providers have written to each grain storage is adopted from there, by a silo that starts after
/// the last one without Granary has ended.
/// </summary>
public abstract class AdoptionTests : IAsyncLifetime
{
    private readonly TempFolder _data = new();
    private readonly string _service = $"test-{Uuid7.New(TimeProvider.System):n}";

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>How many events a long log has: more than one append holds.</summary>
    protected virtual int LongCount => GranaryLimits.AppendEventsMax + 2_000;

    /// <summary>Why the server is not there; null where it is.</summary>
    protected abstract string? SkipReason { get; }

    /// <summary>Registers the grain storage, in both silos in the same way.</summary>
    protected abstract void AddOldStorage(ISiloBuilder silo);

    /// <summary>Chooses the store that is adopted to.</summary>
    protected virtual IGranaryBuilder AddNewStore(IGranaryBuilder granary) =>
        granary.UseSqlite(store => store.Path = Path.Combine(_data.Path, "new.db"));

    protected virtual ValueTask PrepareAsync() => ValueTask.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        await PrepareAsync();
    }

    public virtual ValueTask DisposeAsync()
    {
        _data.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_log_of_LogStorage_is_adopted()
    {
        var texts = Enumerable.Range(1, LongCount).Select(static at => $"note {at}").ToArray();
        await using (var old = await StartAsync(
            static silo => silo.AddLogStorageBasedLogConsistencyProviderAsDefault()))
        {
            await Notes(old, 1).Add("one");
            await Notes(old, 1).Add("two", "three");
            await Notes(old, 2).Add(texts);
            await Notes(old, 3).Add("one", "two");
            await Notes(old, 3).Clear();
        }

        await using (var cluster = await StartAsync(Adopt))
        {
            Assert.Equal(["one", "two", "three"], await Notes(cluster, 1).Read());
            Assert.Equal(4, await Notes(cluster, 1).Add("four"));
            Assert.Equal(LongCount + 1, await Notes(cluster, 2).Add("last"));
            Assert.Equal([.. texts, "last"], await Notes(cluster, 2).Read());
            Assert.Empty(await Notes(cluster, 3).Read());
            Assert.Equal(1, await Notes(cluster, 4).Add("one"));
            await Notes(cluster, 1).Clear();
        }

        await using var next = await StartAsync(Adopt);
        Assert.Empty(await Notes(next, 1).Read());
        Assert.Equal(LongCount + 2, await Notes(next, 2).Add("and on"));

        // What was adopted is still there for who goes back.
        await using var back = await StartAsync(
            static silo => silo.AddLogStorageBasedLogConsistencyProviderAsDefault());
        Assert.Equal(["one", "two", "three"], await Notes(back, 1).Read());
    }

    [Fact]
    public async Task The_state_of_StateStorage_is_adopted_as_one_event()
    {
        await using (var old = await StartAsync(
            static silo => silo.AddStateStorageBasedLogConsistencyProviderAsDefault()))
        {
            await Notes(old, 11).Add("one");
            await Notes(old, 11).Add("two", "three");
            await Notes(old, 12).Add("one");
            await Notes(old, 12).Clear();
        }

        await using var cluster = await StartAsync(silo => AddNewStore(silo.AddGranary()).AdoptStateStorage(
            NotesGrain.OldStorageName, static (NotesState state) => new NoteAdded(string.Join(", ", state.Texts))));
        Assert.Equal(["one, two, three"], await Notes(cluster, 11).Read());
        Assert.Equal(2, await Notes(cluster, 11).Add("four"));
        Assert.Empty(await Notes(cluster, 12).Read());
        Assert.Empty(await Notes(cluster, 13).Read());
    }

    private static INotesGrain Notes(InProcessTestCluster cluster, long key) =>
        cluster.Client.GetGrain<INotesGrain>(key);

    private void Adopt(ISiloBuilder silo) =>
        AddNewStore(silo.AddGranary()).AdoptLogStorage(NotesGrain.OldStorageName);

    private async Task<InProcessTestCluster> StartAsync(Action<ISiloBuilder> configure)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ServiceId = _service;
        builder.ConfigureSilo((_, silo) =>
        {
            AddOldStorage(silo);
            configure(silo);
        });
        var cluster = builder.Build();
        try
        {
            await cluster.DeployAsync();
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }

        return cluster;
    }
}
