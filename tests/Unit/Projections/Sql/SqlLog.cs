using Granary.Runtime;
using Granary.Storage.Sqlite;
using Granary.Tests.Unit.Events;
using Granary.Tests.Unit.Following;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Tests.Unit.Projections.Sql;

/// <summary>A log in memory, models in a file, and workers of SQL projections, as silos have them.</summary>
internal sealed class SqlLog(int partitionCount = 1) : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("granary-");
    private readonly IEventCodec<IAccountEvent> _codec = Codecs.Of<IAccountEvent>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _running = [];
    private readonly List<SqliteModelStore> _stores = [];

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public MemoryEventStore Events { get; } = new(partitionCount, new MemorySnapshotStore());

    public RushingTime Time { get; } = new();

    private SqliteStoreOptions Options => new()
    {
        Path = Path.Combine(_folder.FullName, "granary.db"), BusyTimeoutMs = 60_000,
    };

    /// <summary>Opens the models as a silo does.</summary>
    public async Task<LossyModels> OpenAsync()
    {
        await Events.InitializeAsync(Token);
        var store = new SqliteModelStore(Options);
        _stores.Add(store);
        await store.InitializeAsync(Token);
        await store.CreateTableAsync(ReaderTables.Readers, Token);
        await store.CreateTableAsync(ReaderTables.Parked, Token);
        return new LossyModels(store);
    }

    public async Task AppendAsync(string account, params int[] amounts)
    {
        var name = new StreamName("account", account);
        foreach (var amount in amounts)
        {
            var encoded = _codec.Encode(new Deposited(amount), EventMetadata.Empty);
            await AppendAsync(name, new Append(name, ExpectedVersion.Any, new AppendId(Uuid7.New(Time)), [encoded]));
        }
    }

    public async Task ClearAsync(string account)
    {
        var name = new StreamName("account", account);
        await AppendAsync(name, Append.Clear(name, ExpectedVersion.Any, new AppendId(Uuid7.New(Time))));
    }

    public static RegisteredSqlProjection Register(ISqlProjection projection) =>
        new(projection, Folding<Account>.Decoder());

    public SqlBuilds BuildsOf(ISqlModelStore models) => new(models, partitionCount, Time, NullLogger.Instance);

    /// <summary>Starts the worker of a partition, as a silo does that finds the projection in its code.</summary>
    public async Task<(LogWorker Worker, Task Running)> StartAsync(
        ISqlModelStore models, ISqlProjection projection, int partition = 0)
    {
        var (builds, registered) = (BuildsOf(models), Register(projection));
        var build = await builds.FindAsync(registered, Token);
        Assert.NotNull(build);
        return Start(models, builds.Define(registered, build) with { BatchEventsMax = 10 }, partition);
    }

    /// <summary>Starts the worker of a reader.</summary>
    public (LogWorker Worker, Task Running) Start(
        ISqlModelStore models, WorkerDefinition definition, int partition = 0)
    {
        var services = new WorkerServices(
            Events, models, Events, new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), Time, NullLogger.Instance);
        var worker = new LogWorker(definition, new LogPartition(partition), services);
        var running = Task.Run(() => worker.RunAsync(_stopping.Token), Token);
        _running.Add(running);
        return (worker, running);
    }

    /// <summary>Waits until a worker has passed the end of the log.</summary>
    public async Task PassedAsync(LogWorker worker, int partition = 0)
    {
        var start = LogPosition.StartOf(new LogPartition(partition));
        var page = await Events.ReadLogAsync(start, LogFilter.All, 1, Token);
        await worker.Progress.WaitAsync(page.End, Token).WaitAsync(FollowedLog.Patience, Token);
    }

    /// <summary>The rows of the projection, as text.</summary>
    public string Rows() => string.Join(
        ' ', Sql("SELECT account || '=' || total || '/' || count FROM deposits ORDER BY account"));

    /// <summary>How often the tables were reset, as the database has it, by the factor of the code.</summary>
    public string Resets() => string.Join(' ', Sql("SELECT factor FROM resets ORDER BY factor"));

    public List<object> Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={SqliteModels};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var found = new List<object>();
        while (reader.Read()) found.Add(reader.GetValue(0));
        return found;
    }

    public async Task<IReadOnlyList<ParkedStream>> ReadParkedAsync(IModelStore models)
    {
        var page = await models.QueryAsync(new ModelQuery(ReaderTables.Parked), Token);
        return [.. page.Rows.Select(static one => ParkedRow.Of(one).ToParkedStream())];
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        foreach (var one in _stores) await one.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private string SqliteModels => Path.Combine(_folder.FullName, "granary-models.db");

    private async Task AppendAsync(StreamName name, Append append)
    {
        var batch = new AppendBatch(Events.PartitionOf(name), Time.GetUtcNow(), [append]);
        await Events.CommitAsync(batch, Token);
    }
}
