namespace Granary.Benchmarks;

/// <summary>How the figures of <c>compare</c> are measured, as docs/performance.md describes it.</summary>
internal static class Method
{
    public const string Text = """
        - One machine; candidates run in turns, A B A B, so that drift affects both, after a warm-up that lasts until
          hardly anything is compiled any more. A value is the median of the turns' ratios, the spread
          (greatest - least) / median of these.
        - The same event everywhere, {0} bytes of JSON; the same callers, each with a grain of its own, each waiting for
          its answer and then letting the others go first.
        - What is durable syncs every commit: SQLite in WAL with `synchronous=FULL`, checked on the open file.
          The rows that are not durable are marked.
        - Every candidate is checked: what it confirmed is counted again where it is stored.
        - Over the wire, the silo is the one that is shipped (`src/Silo`): built and started in the program's process by
          what its own program calls, with its settings, logging, health and metrics, on a fresh data folder. The load
          comes from another process over loopback. For HTTP/1.1 that is one thread and connections that are kept
          open, each with ready bytes, one append a request, the next when the answer was read to its end. It runs on
          the same cores: its share is missing on both sides of a ratio, and calls from within the silo's process have
          callers instead, which cost less. Append by line, 64 callers share a connection and its one request
          (`POST /api/appends`), each with one append in flight. `Granary.Client` is called in an Orleans client.
        - Orleans' other candidates each run in a silo in the process and are called from within it: Granary on SQLite
          as it comes, with an ordinary `JournaledGrain`; plain grains with the same state; LogStorage and StateStorage
          over memory storage; CustomStorage over an indexed SQLite table, a transaction a write.
        - Akka.Persistence.Sql 1.5.73 has an actor for each grain, one `Persist` a command and the answer after it, and
          writes the same JSON with the same serializer instead of its slower default.
        - The bare SQLite loop binds ready bytes to a prepared insert into Granary's own table, in one thread, with no
          index beside it. It binds through the driver's calls, each with a counted handle and a lock, which Granary's
          writer does without; so Granary can come out ahead of it. The bare file loop appends and syncs.
        - `commands-vs-logstorage` takes fresh streams from event 190 to 210. `full-store` appends single events over
          random streams, 500 a commit, to the store alone; its empty store holds each stream's first event.
          `activation-flat` times the call that finds a deactivated grain. `http-vs-parse` has its second endpoint in
          the same server, after the same middleware: it parses the body, stores nothing and answers 201.
          `wire-vs-grain` and `client-vs-grain` call the grain that appends from outside reach, with the same event.
          `bytes-per-command` counts everything that the process allocates, the caller's side included;
          `bytes-per-request` the silo's process alone. `bytes-on-disk` counts all files of the shipped silo's data
          folder after its stop: a thousand streams, one event an append.
        - `commands-vs-suspended` is against a grain that has the same call, awaits a signal and then folds the event;
          it encodes and stores nothing. As a writer does after a commit, a thread completes the signal once for all
          the grains of a batch, but without a commit before: as soon as so many wait as Granary's own commits were
          found to hold in the same run.
        """;
}
