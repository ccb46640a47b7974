using System.Globalization;

namespace Granary.Benchmarks;

/// <summary>How the rate of appends grows with partitions, silos and databases, by the constants of a run.</summary>
internal static class ScaleModel
{
    private const int SiloCores = 4;

    private static readonly ClusterShape Alone = new(1, 4);
    private static readonly ClusterShape Together = new(2, 4);

    // Server's cores, silos, partitions, databases.
    private static readonly (int Cores, int Silos, int Partitions, int Databases)[] Sizes =
    [
        (2, 1, 1, 1), (4, 1, 4, 1), (4, 2, 4, 1), (8, 2, 4, 1), (8, 4, 8, 1), (16, 8, 16, 1), (32, 16, 16, 1),
        (32, 16, 32, 1), (32, 32, 64, 1), (32, 32, 32, 2), (32, 64, 32, 4),
    ];

    /// <summary>Measures what is missing, and writes the model in Markdown.</summary>
    public static async Task<string> WriteAsync(ScaleFigures figures, RunSize size)
    {
        if (Constants.Of(figures, await FlushMeasure.RunAsync(size)) is not { } constants)
            return "The rows of one silo and of two on four partitions were not measured.";
        return string.Join('\n',
        [
            Explain(constants).ReplaceLineEndings("\n"), "",
            Text.Table(
            [
                [
                    "server's cores, each", $"silos of {SiloCores} cores, in all", "partitions, each", "databases",
                    "appends/s, in all", "limited by", "log written, each",
                ],
                .. Sizes.Select(one => Predict(constants, one)),
            ]),
        ]);
    }

    private static string Explain(Constants found)
    {
        var (cores, most) = (Environment.ProcessorCount, Constants.BatchMax);
        return string.Create(CultureInfo.InvariantCulture, $"""
            By these constants of the run above: an append takes the server *s* = {found.Server:N1} µs of processor
            time, and its commit *k* = {found.Commit:N0} µs, by all shapes together; an append takes the silos *c* =
            {found.Silo:N1} µs where its grain is in the caller's silo, and *d* = {found.Hop:N1} µs more where it is in
            another one; a commit holds *b* = {found.Batch:N0} events; a flush
            of the server's log takes *f* = {found.Flush:N0} µs. For *b* that of one silo on four partitions is taken.

            - **A partition** commits one batch after the other, each in at least *f* + *k* + *b·s*. So it has at
              most 1 / ((*f* + *k*) / *b* + *s*) = {found.PartitionRate(found.Batch):N0} appends/s. More callers make
              larger batches, not more flushes: at {most:N0} events, the most that a commit holds, it is
              {found.PartitionRate(most):N0}. It never passes 1 / *s*, {1e6 / found.Server:N0}: one core of the server.
            - **Partitions** multiply that, until the server's cores are used up: *cores* / (*k/b* + *s*), which is
              {found.CoreRate:N0} a core. More partitions than cores gain little, and each makes
              the batches smaller: that is what *k* counts.
            - **Silos** add their cores. Of *n* silos a call finds its grain in its own with 1/*n*: an append takes
              *c* + *d* (1 - 1/*n*), which ends at {found.SiloTime(int.MaxValue):N1} µs. Silos that write the same
              partition take turns, or leave it to one of them.
            - **Databases** multiply everything, because nothing is shared: each has a cluster of its own, and a
              stream belongs to one of them. There is no order between them, and no reader of all.
            - **It stops** at the largest server that there is: its cores by *s*, or its disk by the log,
              {found.Wal:N0} bytes an append. Replicas of the server serve reads, and no writes.
            - **Here** silo and server share {cores} core(s): by the model {cores} / (*k/b* + *s* + *c*)
              = {found.Shared(cores):N0} appends/s, measured {found.Rate:N0}.
            """);
    }

    private static string[] Predict(Constants found, (int Cores, int Silos, int Partitions, int Databases) one)
    {
        var silos = one.Silos / one.Databases;
        (double Rate, string By)[] limits =
        [
            (one.Partitions * found.PartitionRate(found.Batch), "partitions"),
            (one.Cores * found.CoreRate, "the server's cores"),
            (silos * SiloCores * 1e6 / found.SiloTime(silos), "the silos' cores"),
        ];
        var (rate, by) = limits.MinBy(static limit => limit.Rate);
        return
        [
            $"{one.Cores}", $"{one.Silos}", $"{one.Partitions}", $"{one.Databases}",
            Text.Number(rate * one.Databases), by, $"{Text.Number(rate * found.Wal / 1e6)} MB/s",
        ];
    }

    /// <summary>Microseconds of processor time, events, microseconds, bytes and appends a second.</summary>
    private sealed record Constants(
        double Server, double Commit, double Silo, double Hop, double Batch, double Flush, double Wal, double Rate)
    {
        public const int BatchMax = 5_000;

        public double CoreRate => 1e6 / (Server + Commit / Batch);

        public static Constants? Of(ScaleFigures figures, double flush)
        {
            double? Alone(Func<ScaleTurn, double> figure) => figures.Median(ScaleModel.Alone, figure);
            if (Alone(static one => one.SiloMicros) is not { } silo
                || figures.Median(Together, static one => one.SiloMicros) is not { } together)
                return null;

            // Of two silos, every other call goes to the other one.
            var (each, commit) = figures.ServerCost();
            return new Constants(
                each, commit, silo, Math.Max(0, together - silo) * Together.Silos,
                Alone(static one => one.EventsPerCommit)!.Value, flush, Alone(static one => one.WalBytes)!.Value,
                Alone(static one => one.Rate)!.Value);
        }

        public double SiloTime(int silos) => Silo + Hop * (1 - 1.0 / silos);

        public double PartitionRate(double batch) => 1e6 / ((Flush + Commit) / batch + Server);

        public double Shared(int cores) => cores * 1e6 / (Server + Commit / Batch + Silo);
    }
}
