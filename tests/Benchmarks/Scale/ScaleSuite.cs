namespace Granary.Benchmarks;

/// <summary>What <c>scale</c> measures.</summary>
internal static class ScaleSuite
{
    private static readonly ScaleFigures Figures = new();

    public static Suite Suite { get; } = new(
        "scale", "Measures one, two and four silos, each a process, on one server of PostgreSQL.")
    {
        NeedsPostgres = true,
        Title = "More silos, more partitions",
        Method = """
            - The shipped silo as one, two or four processes in a cluster over Redis, on one schema of PostgreSQL, all
              with the settings that they come with, but for `Maximum Pool Size=25` in the connection string: the
              connections of all silos have to be fewer than the server takes. A thousand callers in all are divided
              among the processes, each with a stream of its own, and call the grain from within: HTTP is not
              measured. Orleans places the grains, so of *n* silos a call finds its grain in its own with 1/*n*.
            - Two clusters are measured in turns, each row by itself. All silos, the server and Redis share the cores
              of one machine: more silos cannot be faster here, and the rows say what they cost. What was confirmed
              is counted again in the database.
            - A commit is one by Granary's own count. Processor time is that of all of the server's processes, or of
              all the silos' (`/proc`).
            """,
        Rows =
        [
            Row("silos-2-vs-1", 1, 1.2, new(2, 4), new(1, 4), "every other call goes to the other silo"),
            Row("silos-4-vs-1", 0.7, 1, new(4, 4), new(1, 4), "three of four calls go to another silo"),
            Row("silos-2-vs-1-on-1", 1, 1.2, new(2, 1), new(1, 1), "as before; both commit to one partition"),
            Row("silos-4-vs-1-on-1", 0.7, 1, new(4, 1), new(1, 1), "as before; four commit to one partition"),
            Row("partitions-4-vs-1", 1, 1.2, new(1, 4), new(1, 1), "more, smaller commits on the same cores"),
        ],
        Extras =
        [
            new("scale", "Figures", static (_, _) => Task.FromResult(Figures.Table())) { IsQuick = true },
            new("model", "How it grows, by a model", static (_, size) => ScaleModel.WriteAsync(Figures, size))
            {
                IsQuick = true,
            },
        ],
    };

    private static Row Row(
        string id, double least, double aim, ClusterShape first, ClusterShape second, string limit) =>
        new(id, least, aim, new ScaleScenario(first, second, Figures))
        {
            What = $"appends/s of {first} against {second}",
            Limit = limit,
        };
}
