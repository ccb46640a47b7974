namespace Granary.Benchmarks;

/// <summary>What was measured of each shape of a cluster, over all rows of a run.</summary>
internal sealed class ScaleFigures
{
    private readonly SortedDictionary<(int Partitions, int Silos), List<ScaleTurn>> _turns = [];

    public void Add(ClusterShape shape, ScaleTurn turn)
    {
        var key = (shape.Partitions, shape.Silos);
        if (!_turns.TryGetValue(key, out var turns)) _turns[key] = turns = [];
        turns.Add(turn);
    }

    /// <summary>The median of one figure of a shape; null where that was not measured.</summary>
    public double? Median(ClusterShape shape, Func<ScaleTurn, double> figure) =>
        _turns.TryGetValue((shape.Partitions, shape.Silos), out var turns)
            ? new Series([.. turns.Select(figure)]).Median
            : null;

    /// <summary>
    /// The server's processor time for an event and for a commit, in microseconds: the line that fits all shapes best,
    /// whose commits hold more events or fewer. 0 for a commit where the two cannot be told apart.
    /// </summary>
    public (double Event, double Commit) ServerCost()
    {
        var points = _turns.Keys.Select(one => new ClusterShape(one.Silos, one.Partitions)).Select(shape => (
            PerEvent: 1 / Median(shape, static turn => turn.EventsPerCommit)!.Value,
            Micros: Median(shape, static turn => turn.ServerMicros)!.Value)).ToArray();
        var (x, y) = (points.Average(static one => one.PerEvent), points.Average(static one => one.Micros));
        var spread = points.Sum(one => Math.Pow(one.PerEvent - x, 2));
        if (spread == 0) return (y, 0);
        var commit = Math.Max(0, points.Sum(one => (one.PerEvent - x) * (one.Micros - y)) / spread);
        var each = y - commit * x;
        return each > 0 ? (each, commit) : (y, 0);
    }

    /// <summary>A table in Markdown.</summary>
    public string Table() => Text.Table(
    [
        [
            "partitions", "silos", "appends/s", "a silo", "events a commit", "server CPU an append",
            "silos' CPU an append", "log written an append",
        ],
        .. _turns.Keys.Select(one =>
        {
            var shape = new ClusterShape(one.Silos, one.Partitions);
            string Of(Func<ScaleTurn, double> figure) => Text.Number(Median(shape, figure)!.Value);
            return (string[])
            [
                $"{one.Partitions}", $"{one.Silos}", Of(static turn => turn.Rate),
                Of(turn => turn.Rate / one.Silos), Of(static turn => turn.EventsPerCommit),
                $"{Of(static turn => turn.ServerMicros)} µs", $"{Of(static turn => turn.SiloMicros)} µs",
                $"{Of(static turn => turn.WalBytes)} bytes",
            ];
        }),
    ]);
}

/// <summary>The figures of one turn.</summary>
/// <param name="Rate">Appends confirmed a second.</param>
/// <param name="EventsPerCommit">How many events a commit held.</param>
/// <param name="ServerMicros">The server's processor time an append.</param>
/// <param name="SiloMicros">The silos' processor time an append, with that of the callers in them.</param>
/// <param name="WalBytes">Bytes of log that the server wrote an append.</param>
internal sealed record ScaleTurn(
    double Rate, double EventsPerCommit, double ServerMicros, double SiloMicros, double WalBytes);
