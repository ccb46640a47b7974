using System.Diagnostics;

namespace Granary.Benchmarks;

/// <summary>A long stream without snapshots: from the first call to its answer the whole of it is replayed.</summary>
/// <param name="ours">Granary, without snapshots.</param>
/// <param name="theirs">The peer.</param>
internal sealed class ReplayScenario(Func<IReplaying> ours, Func<IReplaying> theirs) : IScenario
{
    private const int EventsEach = 1_000;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var events = size.Of(100_000, 20_000);
        var (granary, peer) = (ours(), theirs());
        await using var countedGranary = new Counted("granary", granary);
        await using var countedPeer = new Counted("peer", peer);
        await granary.StartAsync(folder.Next());
        await peer.StartAsync(folder.Next());
        var fill = new Load(1) { CommandsEach = events / EventsEach, EventsEach = EventsEach };
        await countedGranary.RunAsync(fill);
        await countedPeer.RunAsync(fill);
        await countedGranary.CheckAsync();
        await countedPeer.CheckAsync();

        Task<double> Granary() => RateAsync(events, granary);
        Task<double> Peer() => RateAsync(events, peer);
        await WarmAsync(size, Granary);
        await WarmAsync(size, Peer);
        var pairs = await Pairs.MeasureAsync(size.Turns, Granary, Peer);
        return Result.Of(pairs, "events/s") with { Scaled = size.Quick ? $"{events:N0} events" : null };
    }

    // As long as every other candidate: code that is still being compiled is compiled while the other runs.
    private static async Task WarmAsync(RunSize size, Func<Task<double>> replay)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < size.WarmUp) await replay();
    }

    private static async Task<double> RateAsync(int events, IReplaying candidate)
    {
        await candidate.UnloadAsync(0);
        var start = Stopwatch.GetTimestamp();
        var counted = await candidate.ReplayAsync(0);
        var elapsed = Stopwatch.GetElapsedTime(start);
        return counted == events
            ? events / elapsed.TotalSeconds
            : throw new InvalidDataException($"{counted} events were read of {events}.");
    }
}
