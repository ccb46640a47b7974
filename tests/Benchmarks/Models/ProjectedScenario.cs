using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>
/// How fast a projection passes events that are there already, each batch committed with the checkpoint, against how
/// fast the store alone took them.
/// </summary>
internal sealed class ProjectedScenario(StoreKind kind) : IScenario
{
    public const int Streams = 1_000;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var events = size.Of(100_000, 30_000);
        await using var silo = await ModelSilo.StartAsync(kind, folder.Next());
        await TurnAsync(silo, events);
        await TurnAsync(silo, events);
        var (projected, appended) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < size.Of(7, 3); turn++)
        {
            var (one, other) = await TurnAsync(silo, events);
            projected.Add(one);
            appended.Add(other);
        }

        await silo.CheckAsync(Streams);
        return Result.Of(Pairs.Of(projected, appended), "events/s");
    }

    /// <summary>Appends while the projection is paused, and then has it pass what was appended.</summary>
    public static async Task<(double Projected, double Appended)> TurnAsync(ModelSilo silo, int events)
    {
        await silo.CatchUpAsync();
        await silo.PauseAsync();
        var batches = silo.Prepare(events, Streams);
        GC.Collect();
        var start = Stopwatch.GetTimestamp();
        await silo.CommitAsync(batches);
        var appended = events / Stopwatch.GetElapsedTime(start).TotalSeconds;

        GC.Collect();
        start = Stopwatch.GetTimestamp();
        await silo.ResumeAsync();
        await silo.CatchUpAsync();
        return (events / Stopwatch.GetElapsedTime(start).TotalSeconds, appended);
    }
}
