namespace Granary.Benchmarks;

/// <summary>What <c>models</c> measures: the read side.</summary>
internal static class ModelsSuite
{
    private const string Method = """
        - An ordinary silo in the program's process: `AddGranary`, a store, `AddProjection` and nothing else, all with
          the settings that they come with. The projection has a counter for each stream. Server, silo, callers and
          readers share the cores of one machine, so what runs in the background takes its time from the rest; with
          cores of its own it would not. Ratios are of turns that follow each other in one run. Times and rates are of
          the machine, and of what else ran on it: with a load above the number of cores they say how late things are
          where everything waits for a core.
        - Where a row ends, every model is read back and the counters are summed up: they must be the versions of the
          streams.
        - `projected-*`: while the projection is paused, single events of a thousand streams in turns are committed to
          the store alone, 500 a commit and prepared before: that is the bare rate. On PostgreSQL its 4 partitions are
          committed at the same time. Then the projection is resumed, and the time is taken until its checkpoints are
          at the end of the log. A stream's events are far from each other, so a batch has few of one model. The log
          syncs each commit and the models do not: where the disk is slow, the ratio is high because of the disk.
        - `projected-vs-marten`: Marten 9.58.0 with the same counter as an asynchronous `Snapshot`, on the same server.
          Its events are there before the clock; the time is from `StartAllAsync` of its daemon until
          `WaitForNonStaleData` returns. Granary's is from the resumption, as above.
        - `rebuild-memory`: a rebuild beside the build that serves, on SQLite, over 10,000 streams, with its comparison
          and the switch. The greatest of samples of the managed heap (garbage included) and of the process' working
          set, taken each 20 ms, and each after a rebuild before it.
        - `lag-*`: 5,000 appends/s by a thousand grains, sent as they are due, whether or not those before were
          answered. For one of 37 the time is taken from the grain's answer until a query that waits for the event's
          position has answered, which is later than it is visible. That a query waits ends the worker's wait for more
          events, which without it adds at most 100 ms.
        - `wake-up-*`: one append at a time, from the call of the grain until a live `SubscribeAsync` in the silo gives
          the event out: the append itself is in it, because most events are there before the caller has its answer.
        - `fan-out`: the shipped silo, with 100 connections on `GET /api/log/live`. Its readers are in the same process
          and parse each event. 64 appenders append as fast as they are answered; the time is taken until all readers
          have all events.
        - `cost-to-appenders-*`: a thousand grains, as many commands as are answered, with the projection running and
          paused. The cores are used up by the commands alone, so this is the worst case: what the projection needs
          of them is what the commands lose.
        - `delay-of-appenders-*`: a thousand grains at 5,000 appends/s, as for `lag-*`, with the projection running and
          paused.
        """;

    public static Suite Suite { get; } = new(
        "models", "Measures projections and subscriptions: rates, lags, and what they cost the appenders.")
    {
        NeedsPostgres = true,
        Title = "The read side",
        Method = Method,
        Rows = Rows,
    };

    private static IReadOnlyList<Row> Rows =>
    [
        Projected("projected-sqlite", StoreKind.Sqlite, "SQLite", "reading a row and writing it, a statement each"),
        Projected("projected-postgres", StoreKind.Postgres, "PostgreSQL", "the server's update of a row and its index"),
        Projected("projected-memory", StoreKind.Memory, "memory", "decoding the event, and the model's JSON both ways"),
        new("projected-vs-marten", 10, 20, new MartenDaemonScenario())
        {
            What = "projected events/s on PostgreSQL against Marten's async daemon, a counter for each stream",
            Limit = "the server's update of a row; of Marten, its batches",
        },
        new("rebuild-memory", 1.5, 1.1, new RebuildScenario())
        {
            LessIsBetter = true,
            What = "the greatest heap of a rebuild of 1,000,000 events against one of 250,000",
            Limit = "nothing should: a batch is in memory, never the log or a model's table",
        },
        Lag("lag-p50-sqlite", StoreKind.Sqlite, 0.5, 10, 5),
        Lag("lag-p99-sqlite", StoreKind.Sqlite, 0.99, 50, 25),
        Lag("lag-p99-postgres", StoreKind.Postgres, 0.99, 50, 25),
        new("fan-out", 50_000, 200_000, new FanOutScenario())
        {
            What = "events/s that 100 readers of server-sent events get in all",
            Limit = "each reader reads and writes its own events; the readers' share of the cores",
        },
        WakeUp("wake-up-sqlite", StoreKind.Sqlite),
        WakeUp("wake-up-postgres", StoreKind.Postgres),
        Cost("cost-to-appenders-sqlite", StoreKind.Sqlite),
        Cost("cost-to-appenders-postgres", StoreKind.Postgres),
        Delay("delay-of-appenders-sqlite", StoreKind.Sqlite),
        Delay("delay-of-appenders-postgres", StoreKind.Postgres),
    ];

    private static Row Projected(string id, StoreKind kind, string name, string limit) =>
        new(id, 0.5, 0.75, new ProjectedScenario(kind))
        {
            What = $"projected events/s on {name}, checkpoint and rows in one commit, against the bare append rate",
            Limit = limit,
        };

    private static Row Lag(string id, StoreKind kind, double share, double least, double aim) =>
        new(id, least, aim, new LagScenario(kind, share))
        {
            LessIsBetter = true,
            What = $"from an append's answer until a query shows the event, at 5,000 appends/s, p{share * 100:N0}, ms",
            Limit = "the batch before it, which is being committed; then its own",
        };

    private static Row WakeUp(string id, StoreKind kind) => new(id, 5, 1, new WakeUpScenario(kind))
    {
        LessIsBetter = true,
        What = "from the call that appends until a live subscription has the event, median, ms",
        Limit = "the append's own sync; then the hops from the store's signal to a page of the log",
    };

    private static Row Cost(string id, StoreKind kind) => new(id, 0.85, 0.95, new AppenderCostScenario(kind))
    {
        What = "commands confirmed/s of 1,000 grains with the projection running, against while it is paused",
        Limit = "the cores, which commands and projection share",
    };

    private static Row Delay(string id, StoreKind kind) => new(id, 1.15, 1.05, new AppenderDelayScenario(kind))
    {
        LessIsBetter = true,
        What = "median time of an append at 5,000 appends/s with the projection running, against while it is paused",
        Limit = "the projection's batches, which take a core for a moment",
    };
}
