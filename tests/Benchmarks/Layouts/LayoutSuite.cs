namespace Granary.Benchmarks;

/// <summary>What <c>layouts</c> measures.</summary>
internal static class LayoutSuite
{
    public static Suite Suite { get; } = new(
        "layouts",
        "Measures layouts of a log on PostgreSQL, empty and with ten million events; they take 15 GB of disk.")
    {
        NeedsPostgres = true,
        Title = "Layouts on PostgreSQL",
        Method = """
            - *shipped* is the store's own schema, used by the store: the log's tail is looked through for the batch's
              streams, and heads and marks are derived from the log in sorted batches. *simple* is one table of the log
              with a unique index of streams and versions, which checks the version and finds a stream's events; its
              one function is as the store's own, and the caller is spared the look-up of stream names. *shipped, log
              partitioned by range* has a table for each tenth of the positions.
            - One partition, one commit at a time, 500 appends of one event a commit, over random ones of all 100,000
              streams, or of 1,000 of them, as grains that are active append. The smaller size is one event of each
              stream. The larger one is written by the server itself in the order of the positions, a round of all
              streams at a time, each round in another order, then `VACUUM ANALYZE` and a checkpoint. The layouts are
              measured in turns.
            - The server's time is that of all its processes (`/proc`), what is flushed of the index afterwards
              included. A stream of 1,000 events is read whole; its events are spread over the log. The log is read
              from its start, 512 events a page; *simple* reads only rows, the store also looks for what was cleared.
            - Where *simple* costs the server at most 1.3 times the time an append, in both, it is the one to take.
            """,
        Extras = [new("layouts", "Figures", LayoutMeasures.RunAsync) { IsQuick = true }],
    };
}
