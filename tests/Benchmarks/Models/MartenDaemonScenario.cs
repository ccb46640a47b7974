using System.Diagnostics;
using Granary.Tests;
using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Weasel.Core;

namespace Granary.Benchmarks;

/// <summary>Marten's model of the same streams.</summary>
public sealed class MartenCounter
{
    /// <summary>The stream.</summary>
    public string Id { get; set; } = "";

    /// <summary>How many events it has.</summary>
    public long Events { get; set; }

    /// <summary>The sum of their amounts.</summary>
    public long Total { get; set; }

    /// <summary>Folds an event.</summary>
    public void Apply(Noted noted)
    {
        Events++;
        Total += noted.Amount;
    }
}

/// <summary>
/// The same counters on the same server, by the projection of Granary and by the asynchronous daemon of Marten.
/// </summary>
internal sealed class MartenDaemonScenario : IScenario
{
    private const int Streams = ProjectedScenario.Streams;
    private const int StreamsEach = 100;

    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(5);

    private long _appended;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var (ours, theirs) = size.Of((400_000, 40_000), (30_000, 10_000));
        await using var silo = await ModelSilo.StartAsync(StoreKind.Postgres, folder.Next());
        await using var schema = new BenchSchema();
        await schema.CreateAsync();
        using var marten = Open(schema.Name);
        await marten.Storage.ApplyAllConfiguredChangesToDatabaseAsync();

        await ProjectedScenario.TurnAsync(silo, ours);
        await RunMartenAsync(marten, theirs);
        var pairs = await Pairs.MeasureAsync(
            size.Of(5, 2), async () => (await ProjectedScenario.TurnAsync(silo, ours)).Projected,
            () => RunMartenAsync(marten, theirs));
        await silo.CheckAsync(Streams);
        await CheckAsync(marten);
        return Result.Of(pairs, "events/s");
    }

    private static DocumentStore Open(string schema) => DocumentStore.For(options =>
    {
        options.Connection(PostgresServer.ConnectionString);
        options.DatabaseSchemaName = schema;
        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.AppendMode = EventAppendMode.Quick;
        options.Events.AddEventType<Noted>();
        options.UseSystemTextJsonForSerialization(EnumStorage.AsInteger, Casing.CamelCase);
        options.AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate;
        options.Projections.Snapshot<MartenCounter>(SnapshotLifecycle.Async);
    });

    private async Task<double> RunMartenAsync(DocumentStore marten, int events)
    {
        for (var left = events; left > 0; left -= StreamsEach)
        {
            // In turns, as Granary's are: the events of a stream are far from each other.
            await using var session = marten.LightweightSession();
            for (var at = 0; at < StreamsEach; at++)
                session.Events.Append($"tally-{_appended++ % Streams}", Noted.Of(1));
            await session.SaveChangesAsync();
        }

        GC.Collect();
        using var daemon = await marten.BuildProjectionDaemonAsync();
        var start = Stopwatch.GetTimestamp();
        await daemon.StartAllAsync();
        await daemon.WaitForNonStaleData(WaitMax);
        var took = Stopwatch.GetElapsedTime(start);
        await daemon.StopAllAsync();
        return events / took.TotalSeconds;
    }

    private async Task CheckAsync(DocumentStore marten)
    {
        await using var session = marten.QuerySession();
        var counted = (await session.Query<MartenCounter>().ToListAsync()).Sum(static one => one.Events);
        if (counted != _appended)
            throw new InvalidDataException($"Marten's models count {counted} events of {_appended}.");
    }
}
