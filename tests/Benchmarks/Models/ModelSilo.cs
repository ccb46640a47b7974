using Granary.Client;
using Granary.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Benchmarks;

/// <summary>Where a silo keeps events and models.</summary>
internal enum StoreKind
{
    Sqlite,
    Postgres,
    Memory,
}

/// <summary>A silo as an application has it: a store, and the projection, by what registers them.</summary>
internal sealed class ModelSilo : IAsyncDisposable
{
    private const int AppendsPerCommit = 500;

    private static readonly TimeSpan LookDelay = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(10);

    private readonly BenchSchema? _schema;
    private readonly Dictionary<int, long> _versions = [];
    private BenchSilo? _silo;
    private int _next;

    private ModelSilo(StoreKind kind) => _schema = kind == StoreKind.Postgres ? new BenchSchema() : null;

    public BenchSilo Silo => _silo ?? throw new InvalidOperationException("The silo was not started.");

    public IEventStore Store => Get<IEventStore>();

    public IGranaryClient Client => Get<IGranaryClient>();

    public IModelReader<Counter> Models => Get<IModelReader<Counter>>();

    public IProjectionsGrain Projections => Get<IGrainFactory>().GetGrain<IProjectionsGrain>(0);

    private IReadersGrain Readers => Get<IGrainFactory>().GetGrain<IReadersGrain>(0);

    public static async Task<ModelSilo> StartAsync(StoreKind kind, string folder)
    {
        var silo = new ModelSilo(kind);
        silo._silo = await BenchSilo.StartAsync(builder => silo.Configure(builder, kind, folder));
        return silo;
    }

    /// <summary>Runs commands of the grains whose events are projected.</summary>
    public Task<Outcome> RunAsync(Load load) => Callers.RunAsync(load, caller =>
    {
        var grain = Silo.Tally(GranaryTally.Kind, load.FirstGrain + caller);
        return () => grain.Add(1);
    });

    /// <summary>Makes appends of single events to some streams in turns, for each partition its batches.</summary>
    public IReadOnlyList<AppendBatch[]> Prepare(int events, int streams) =>
    [
        .. Enumerable.Range(0, events).Select(_ => _next++ % streams)
            .GroupBy(at => Store.PartitionOf(OnGranaryCandidate.StreamOf(at)))
            .Select(of => of.Select(AppendOf).Chunk(AppendsPerCommit)
                .Select(some => new AppendBatch(of.Key, Filling.Now, some)).ToArray()),
    ];

    /// <summary>Commits batches to the store alone, those of one partition after each other.</summary>
    public Task CommitAsync(IReadOnlyList<AppendBatch[]> partitions) =>
        Task.WhenAll(partitions.Select(batches => Task.Run(async () =>
        {
            foreach (var one in batches) await Filling.CommitAsync(Store, one);
        })));

    /// <summary>Where the log ends.</summary>
    public async Task<IReadOnlyList<LogPosition>> ReadEndsAsync()
    {
        var ends = new List<LogPosition>();
        for (var at = 0; at < Store.PartitionCount; at++)
        {
            var start = LogPosition.StartOf(new LogPartition(at));
            var page = await Store.ReadLogAsync(start, LogFilter.All, 1, CancellationToken.None);
            ends.Add(start with { Position = page.End });
        }

        return ends;
    }

    /// <summary>Waits until the models have seen everything that is in the log.</summary>
    public async Task CatchUpAsync() =>
        await Models.WaitForAsync(new ModelWait(new LogPositions(await ReadEndsAsync()), TimeSpan.FromMinutes(1)));

    public async Task PauseAsync()
    {
        await Readers.Pause(await ReaderAsync());
        await UntilAsync(async () =>
            (await ReadStatusAsync()).All(static one => one.State == ReaderState.Paused));
    }

    /// <summary>How far the projection is, in each partition.</summary>
    public async Task<IReadOnlyList<ReaderStatus>> ReadStatusAsync() => await Readers.GetStatus(await ReaderAsync());

    public async Task ResumeAsync() => await Readers.Resume(await ReaderAsync());

    /// <exception cref="InvalidDataException">The models have not counted every event of the streams.</exception>
    public async Task CheckAsync(int streams)
    {
        await CatchUpAsync();
        var (counted, stored, after) = (0L, 0L, (string?)null);
        do
        {
            var page = await Models.QueryAsync(
                new ModelRequest(CounterProjection.Name) { Limit = 1_000, After = after });
            counted += page.Models.Sum(static one => one.Value.Events);
            after = page.Next;
        }
        while (after is not null);

        for (var at = 0; at < streams; at++)
            stored += (await Store.ReadHeadAsync(OnGranaryCandidate.StreamOf(at), CancellationToken.None))
                .Version.Value;
        if (counted != stored)
            throw new InvalidDataException(
                $"The models count {counted} events of {stored}: the figures are not valid.");
    }

    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var enough = new CancellationTokenSource(WaitMax, TimeProvider.System);
        while (!await isSo()) await Task.Delay(LookDelay, TimeProvider.System, enough.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null) await _silo.DisposeAsync();
        if (_schema is not null) await _schema.DisposeAsync();
    }

    private T Get<T>()
        where T : notnull => Silo.Services.GetRequiredService<T>();

    private async Task<string> ReaderAsync() => (await Projections.Read(CounterProjection.Name)).Builds
        .Single(static one => one.State == BuildState.Published).Name;

    private Append AppendOf(int stream)
    {
        var version = _versions.GetValueOrDefault(stream);
        _versions[stream] = version + 1;
        return Filling.Append(OnGranaryCandidate.StreamOf(stream), version, 1);
    }

    private void Configure(ISiloBuilder silo, StoreKind kind, string folder)
    {
        var granary = silo.AddGranary();
        _ = kind switch
        {
            StoreKind.Sqlite => granary.UseSqlite(options => options.Path = Path.Combine(folder, "granary.db")),
            StoreKind.Postgres => granary.UsePostgres(options =>
            {
                options.ConnectionString = PostgresServer.ConnectionString;
                options.Schema = _schema!.Name;
            }),
            _ => granary.UseMemory(),
        };
        granary.AddProjection<CounterProjection>();
        silo.Services.AddGranaryClient();
    }
}
