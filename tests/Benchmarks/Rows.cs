namespace Granary.Benchmarks;

/// <summary>A row of the table: what is measured, by which scenario, and what it should be.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Least">The least value that is accepted; where less is better, the greatest.</param>
/// <param name="Aim">The value that is aimed at.</param>
/// <param name="Scenario">Measures it.</param>
internal sealed record Row(string Id, double Least, double Aim, IScenario Scenario)
{
    /// <summary>Whether the two are upper bounds.</summary>
    public bool LessIsBetter { get; init; }

    /// <summary>What is measured.</summary>
    public required string What { get; init; }

    /// <summary>What limits it.</summary>
    public required string Limit { get; init; }

    /// <summary>Whether a value meets a bound.</summary>
    public bool Meets(double value, double bound) => LessIsBetter ? value <= bound : value >= bound;
}

/// <summary>Measures the value of a row.</summary>
internal interface IScenario
{
    Task<Result> RunAsync(DataFolder folder, RunSize size);
}

/// <summary>The value of a row.</summary>
/// <param name="Value">The median of the repetitions.</param>
/// <param name="Spread">(greatest - least) / median of the repetitions.</param>
/// <param name="Detail">The figures that the value is the ratio of.</param>
internal sealed record Result(double Value, double Spread, string Detail)
{
    /// <summary>Set where less was done than the row describes: then the value is a hint.</summary>
    public string? Scaled { get; init; }

    /// <summary>The ratio of two, each in its unit.</summary>
    public static Result Of(Pairs pairs, string unit) => new(
        pairs.Ratios.Median, pairs.Ratios.Spread,
        $"{Text.Number(pairs.First.Median)} against {Text.Number(pairs.Second.Median)} {unit}");
}

/// <summary>How much is measured: in a full run, or in one that lasts minutes.</summary>
internal sealed record RunSize(bool Quick)
{
    /// <summary>How long one candidate runs before the other does.</summary>
    public TimeSpan Turn => Quick ? TimeSpan.FromMilliseconds(250) : TimeSpan.FromSeconds(1);

    /// <summary>How long each runs at least before anything is measured.</summary>
    public TimeSpan WarmUp => Quick ? TimeSpan.FromMilliseconds(500) : TimeSpan.FromSeconds(4);

    /// <summary>How often both are measured.</summary>
    public int Turns => Quick ? 3 : 11;

    public T Of<T>(T full, T quick) => Quick ? quick : full;
}

/// <summary>The rows of <c>compare</c>.</summary>
internal static class Rows
{
    private const int Grains = 1_000;

    public static IReadOnlyList<Row> All { get; } =
    [
        new("commands-vs-plain", 0.2, 0.3, new TurnsScenario("granary", "plain", new Load(Grains)))
        {
            What = "commands confirmed/s, 1,000 grains, one event each, against plain grain calls",
            Limit = "what a confirmation costs beside the call: encoding, the queue to the writer and back, the insert",
        },
        new("commands-vs-suspended", 0.7, 0.9, new SuspendedScenario(new Load(Grains)))
        {
            What = "the same against grains that wait for a shared signal, as of a commit, and store nothing",
            Limit = "the insert into SQLite takes most of what the aim leaves; then encoding, folding, the queue",
        },
        new("commands-vs-akka", 25, 50, new TurnsScenario("granary", "akka", new Load(Grains)) { QuickCallers = 200 })
        {
            What = "the same against Akka.Persistence.Sql",
            Limit = "Akka's journal: an indexed table through a query builder",
        },
        new("commands-vs-logstorage", 6, 12, new LogStorageScenario())
        {
            What = "the same against LogStorage over memory at 200 events a stream",
            Limit = "LogStorage writes the whole log with every event",
        },
        new("batches-vs-sqlite", 0.6, 0.8, new TurnsScenario(
            "granary", "sqlite", new Load(100) { EventsEach = 100 }, new Load(1) { EventsEach = 1_000 }))
        {
            What = "100 events a command, events/s against the bare SQLite loop at 1,000 a commit",
            Limit = "folding and encoding on one core while SQLite inserts on the other",
        },
        new("single-vs-sqlite", 0.6, 0.85, new TurnsScenario("granary", "sqlite", new Load(1)))
        {
            What = "one caller, confirmed/s against the bare SQLite loop at one a commit",
            Limit = "the thread hops between call, writer and answer, beside one sync",
        },
        new("replay-vs-akka", 8, 15, new ReplayScenario(
            static () => new GranaryCandidate(snapshots: false), static () => new AkkaOnSqlite()))
        {
            What = "replay events/s of a 100,000-event stream against Akka's recovery",
            Limit = "decoding JSON on one core, reading rows and folding on the other",
        },
        new("long-stream", 0.9, 1, new LongStreamScenario())
        {
            What = "append rate of a stream at event 100,000 against at event 100",
            Limit = "nothing should: an append reads its stream's head alone",
        },
        new("activation-flat", 1.5, 1, new ActivationScenario())
        {
            LessIsBetter = true,
            What = "activation with snapshot at 1,000,000 events against at 1,000, p99",
            Limit = "one look-up of the snapshot and one of the events after it",
        },
        new("full-store", 0.8, 1, new FullStoreScenario())
        {
            What = "append rate with 10 million events in the store against an empty one (100,000 streams)",
            Limit = "writing out the ends of the streams, of which there are as many as before",
        },
        new("bytes-per-command", 2_500, 1_500, new BytesPerCommandScenario("granary", Grains))
        {
            LessIsBetter = true,
            What = "bytes allocated a confirmed command",
            Limit = "Orleans' call itself; then the event, its encoding, its completion",
        },
        new("http-vs-parse", 0.55, 0.75, new TurnsScenario("http", "parse", new Load(64)) { Unit = "requests/s" })
        {
            What = "HTTP appends/s, 64 connections, against an endpoint of the same silo that only parses the body",
            Limit = "the grain call and the sync of the request; the load takes its share of the cores on both sides",
        },
        new("wire-vs-grain", 0.35, 0.6, new TurnsScenario("http", "calls", new Load(256)))
        {
            What = "HTTP appends/s, 256 connections, against the same appends by grain calls in the silo's process",
            Limit = "the server's work for a request, and the load's own: only to parse one costs more than two calls",
        },
        new("bytes-per-request", 6_000, 3_000, new BytesPerCommandScenario("http", 256))
        {
            LessIsBetter = true,
            What = "bytes that the silo's process allocates for an HTTP append, 256 connections",
            Limit = "the server's request, the grain call, the event",
        },
        new("client-vs-grain", 0.5, 0.7, new TurnsScenario("client", "calls", new Load(Grains)))
        {
            What = "appends/s of Granary.Client in another process, 1,000 callers, against calls in the silo's process",
            Limit = "messages between the two processes, which calls within one do not have",
        },
        new("stream-vs-post", 6, 15, new TurnsScenario("lines", "http", new Load(64), new Load(1)))
        {
            What = "appends/s by lines of one request, 64 in flight, against one append a request, one connection each",
            Limit = "the server's work for a line; the grain call and the event",
        },
        new("wire-single", 0.35, 0.6, new TurnsScenario("http", "sqlite", new Load(1)))
        {
            What = "one connection, one HTTP append at a time, against the bare SQLite loop at one a commit",
            Limit = "the thread hops between socket, grain, writer and back, beside one sync",
        },
        new("bytes-on-disk", 170, 130, new BytesOnDiskScenario())
        {
            LessIsBetter = true,
            What = "bytes of the stopped silo's data folder an event, without metadata",
            Limit = "the payload, then the event's and the append's ids and checksum",
        },
        new("bytes-per-activation", 1_500, 1_000, new BytesPerActivationScenario())
        {
            LessIsBetter = true,
            What = "managed memory for each idle activation above a plain grain with the same state, in bytes",
            Limit = "the journal and what Orleans' JournaledGrain holds of it",
        },
    ];
}
