namespace Granary.Benchmarks;

/// <summary>Something that is measured, and what it should come to.</summary>
/// <param name="Id">Its name, in the table and in the JSON.</param>
/// <param name="Least">What it must come to; where less is better, what it must not exceed.</param>
/// <param name="Aim">What is striven for.</param>
internal sealed record Measure(string Id, double Least, double Aim)
{
    /// <summary>Whether the two are upper bounds.</summary>
    public bool LessIsBetter { get; init; }

    /// <summary>What it says.</summary>
    public required string What { get; init; }

    /// <summary>What limits it.</summary>
    public required string Limit { get; init; }

    /// <summary>Whether a value meets a bound.</summary>
    public bool Meets(double value, double bound) => LessIsBetter ? value <= bound : value >= bound;
}

/// <summary>What a scenario found.</summary>
/// <param name="Measure">What was measured.</param>
/// <param name="Value">The median of the repetitions.</param>
/// <param name="Spread">(greatest - least) / median of the repetitions.</param>
/// <param name="Detail">The figures that the value is the ratio of.</param>
internal sealed record Finding(Measure Measure, double Value, double Spread, string Detail)
{
    /// <summary>Set where less was done than the measure says: then it is a hint.</summary>
    public string? Scaled { get; init; }

    /// <summary>The ratio of two, each in its unit.</summary>
    public static Finding Of(Measure measure, Pairs pairs, string unit) => new(
        measure, pairs.Ratios.Median, pairs.Ratios.Spread,
        $"{Text.Number(pairs.First.Median)} against {Text.Number(pairs.Second.Median)} {unit}");
}

/// <summary>Finds one measure.</summary>
internal interface IScenario
{
    Measure Measure { get; }

    Task<Finding> RunAsync(DataFolder folder, Effort effort);
}

/// <summary>What is measured: one row of the table each.</summary>
internal static class Measures
{
    public static Measure CommandsVsPlain { get; } = new("commands-vs-plain", 0.2, 0.4)
    {
        What = "commands confirmed/s, 1,000 grains, one event each, against plain grain calls",
        Limit = "what a confirmation costs beside the call: encoding, hand-over to the writer and back, the insert",
    };

    public static Measure CommandsVsAkka { get; } = new("commands-vs-akka", 25, 50)
    {
        What = "the same against Akka.Persistence.Sql",
        Limit = "Akka's journal: an indexed table through a query builder",
    };

    public static Measure CommandsVsLogStorage { get; } = new("commands-vs-logstorage", 6, 12)
    {
        What = "the same against LogStorage over memory at 200 events a stream",
        Limit = "LogStorage writes the whole log with every event",
    };

    public static Measure BatchesVsSqlite { get; } = new("batches-vs-sqlite", 0.6, 0.8)
    {
        What = "100 events a command, events/s against the bare SQLite loop at 1,000 a commit",
        Limit = "folding and encoding on one core while SQLite inserts on the other",
    };

    public static Measure SingleVsSqlite { get; } = new("single-vs-sqlite", 0.6, 0.8)
    {
        What = "one caller, confirmed/s against the bare SQLite loop at one a commit",
        Limit = "the thread hops between call, writer and answer, beside one sync",
    };

    public static Measure ReplayVsAkka { get; } = new("replay-vs-akka", 8, 20)
    {
        What = "replay events/s of a 100,000-event stream against Akka's recovery",
        Limit = "decoding JSON on one core, reading rows and folding on the other",
    };

    public static Measure LongStream { get; } = new("long-stream", 0.9, 1)
    {
        What = "append rate of a stream at event 100,000 against at event 100",
        Limit = "nothing should: an append looks at its stream's head alone",
    };

    public static Measure ActivationFlat { get; } = new("activation-flat", 1.5, 1)
    {
        LessIsBetter = true,
        What = "activation with snapshot at 1,000,000 events against at 1,000, p99",
        Limit = "one look-up of the snapshot and one of the events after it",
    };

    public static Measure FullStore { get; } = new("full-store", 0.8, 1)
    {
        What = "append rate with 10 million events in the store against an empty one (100,000 streams)",
        Limit = "writing out the ends of the streams, of which there are as many as before",
    };

    public static Measure BytesPerCommand { get; } = new("bytes-per-command", 2_500, 1_000)
    {
        LessIsBetter = true,
        What = "bytes allocated a confirmed command",
        Limit = "Orleans' call itself; then the event, its encoding, its completion",
    };

    public static Measure HttpVsParse { get; } = new("http-vs-parse", 0.4, 0.7)
    {
        What = "HTTP appends/s over loopback, 64 connections, against an endpoint that only parses the body",
        Limit = "the grain call and the sync of the request; the client takes its share on both sides",
    };

    public static Measure BytesPerActivation { get; } = new("bytes-per-activation", 1_500, 500)
    {
        LessIsBetter = true,
        What = "managed memory for each idle activation above a plain grain with the same state, in bytes",
        Limit = "the journal and what Orleans' JournaledGrain holds of it",
    };

    public static IReadOnlyList<Measure> All { get; } =
    [
        CommandsVsPlain, CommandsVsAkka, CommandsVsLogStorage, BatchesVsSqlite, SingleVsSqlite, ReplayVsAkka,
        LongStream, ActivationFlat, FullStore, BytesPerCommand, HttpVsParse, BytesPerActivation,
    ];
}
