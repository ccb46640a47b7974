namespace Granary.Benchmarks;

/// <summary>What <c>compare-postgres</c> measures.</summary>
internal static class PostgresSuite
{
    private const int Grains = 1_000;

    private const string Method = """
        - One server for all of them, private and fresh, with the settings that it comes with: every commit is
          flushed before it is answered. It runs on the same cores as the callers. Each candidate has a schema of
          its own, which is dropped when the row was measured.
        - Candidates, callers, event, turns, warm-up and the count of what is stored are as in the part above.
          A thousand grains, actors or streams, one event a command, each to its own.
        - Akka.Persistence.Sql 1.5.73 has an actor for each grain, one `Persist` a command and the answer after it,
          with the journal's defaults: batches of 100, three at once. It writes the same JSON with the same
          serializer instead of its slower default.
        - Marten 9.58.0 on Npgsql 10.0.3 has a session a command, and appends without reading the stream before.
          `postgres-vs-marten` has `EventAppendMode.Quick`, which its documentation recommends for speed, and
          `postgres-vs-marten-rich` the mode `Rich`. The same JSON comes from `System.Text.Json`.
        - `events-a-commit` is what the grains confirmed by what the server counts of transactions that wrote
          anything, those of the index included.
        - `log-read` reads 4 partitions of single events of a thousand streams by pages, as Granary reads its log
          itself, one reader a partition.
        - `replay-vs-akka` and `replay-vs-marten` read and fold a stream without snapshots: a grain that is
          activated, an actor that recovers, Marten's `FetchStreamAsync` and the same fold.
        - What a command costs is the processor time of all of the server's processes (`/proc`) and that of the
          program with callers and candidate, a thousand of each, one candidate after the other. On machines of their
          own, the one that is used up first limits the rate.
        """;

    public static Suite Suite { get; } = new(
        "compare-postgres", "Measures Granary on PostgreSQL beside Akka.Persistence.Sql and Marten on the same server.")
    {
        NeedsPostgres = true,
        Title = "On PostgreSQL",
        Method = Method,
        Rows = Rows,
        Extras =
        [
            new("costs", "What a command costs", PeerCosts.RunAsync) { IsQuick = true },
            new("postgres-peers", "All candidates on PostgreSQL", static (folder, size) => LoadResult.PeersAsync(
                Candidates.All.Where(static one => one.IsOnPostgres), folder, size)),
        ],
    };

    private static IReadOnlyList<Row> Rows =>
    [
        new("postgres-vs-akka", 8, 12, new TurnsScenario("granary-postgres", "akka-postgres", new Load(Grains)))
        {
            What = "commands confirmed/s, 1,000 grains, one event each, against Akka.Persistence.Sql",
            Limit = "the cores that grains and server share; then the server's insert of an event",
        },
        new("postgres-vs-marten", 15, 30, new TurnsScenario("granary-postgres", "marten", new Load(Grains)))
        {
            What = "the same against Marten in its mode Quick",
            Limit = "Marten has a transaction, and so a flush, for each command",
        },
        new("postgres-vs-marten-rich", 15, 30,
            new TurnsScenario("granary-postgres", "marten-rich", new Load(Grains)))
        {
            What = "the same against Marten in its mode Rich",
            Limit = "as before, and it reads each stream's version first",
        },
        new("events-a-commit", 20, 100, new EventsPerCommitScenario(new Load(Grains)))
        {
            What = "events that a transaction of the server holds under that load",
            Limit = "how many commands come while the commits before them run, by four partitions",
        },
        new("partitions-4-vs-1", 1, 1.2,
            new TurnsScenario("granary-postgres", "granary-postgres-1", new Load(Grains)))
        {
            What = "commands confirmed/s with four partitions against one",
            Limit = "the cores: more partitions make more, smaller commits",
        },
        new("log-read", 200_000, 400_000, new LogReadScenario())
        {
            What = "events/s that are read of the log by pages, a reader for each of 4 partitions",
            Limit = "the rows on the server, and what is made of them in the reader's process",
        },
        new("replay-vs-akka", 1, 4, new ReplayScenario(
            static () => new GranaryOnPostgres(snapshots: false), static () => new AkkaOnPostgres()))
        {
            What = "replay events/s of a 100,000-event stream against Akka's recovery",
            Limit = "the way back from event to event on the server; decoding and folding",
        },
        new("replay-vs-marten", 1, 2, new ReplayScenario(
            static () => new GranaryOnPostgres(snapshots: false),
            static () => new MartenCandidate(JasperFx.Events.EventAppendMode.Quick)))
        {
            What = "the same against Marten",
            Limit = "the same; Marten reads a stream by an index",
        },
    ];
}
