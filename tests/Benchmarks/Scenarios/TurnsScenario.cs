namespace Granary.Benchmarks;

/// <summary>Granary and a peer under the same load, in turns.</summary>
/// <param name="measure">What it finds.</param>
/// <param name="peer">The other contestant.</param>
/// <param name="ours">Granary's load.</param>
/// <param name="theirs">The peer's, where it is another: a bare loop has one caller and commits by the batch.</param>
internal sealed class TurnsScenario(Measure measure, string peer, Load ours, Load? theirs = null) : IScenario
{
    public Measure Measure => measure;

    /// <summary>How many callers a quick run has instead, where the peer takes its time to answer them all.</summary>
    public int? QuickCallers { get; init; }

    public async Task<Finding> RunAsync(DataFolder folder, Effort effort)
    {
        var callers = effort.Of(ours.Callers, QuickCallers ?? ours.Callers);
        var (first, second) = (ours with { Callers = callers }, theirs ?? ours with { Callers = callers });
        await using var granary = Contestants.Make("granary");
        await using var other = Contestants.Make(peer);
        await granary.Inner.StartAsync(folder.Next());
        await other.Inner.StartAsync(folder.Next());

        await RunAsync(granary, first, effort.WarmUp);
        await RunAsync(other, second, effort.WarmUp);
        var pairs = await Pairs.MeasureAsync(
            effort.Turns,
            () => RunAsync(granary, first, effort.Turn),
            () => RunAsync(other, second, effort.Turn));
        await granary.CheckAsync();
        await other.CheckAsync();
        return Finding.Of(measure, pairs, "events/s") with
        {
            Scaled = callers == ours.Callers ? null : $"{callers} grains",
        };
    }

    private static async Task<double> RunAsync(Counted contestant, Load load, TimeSpan duration) =>
        (await contestant.RunAsync(load with { Duration = duration })).EventsPerSecond;
}
