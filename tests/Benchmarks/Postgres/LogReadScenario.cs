using System.Diagnostics;
using System.Globalization;

namespace Granary.Benchmarks;

/// <summary>Reads a log on PostgreSQL from its start to its end, by Granary's own pages.</summary>
internal sealed class LogReadScenario : IScenario
{
    private const int Streams = 1_000;
    private const int AppendsPerCommit = 500;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var events = size.Of(400_000, 80_000);
        await using var granary = new GranaryOnPostgres();
        await granary.StartAsync(folder.Next());
        var store = granary.Store;
        await FillAsync(store, events);

        await ReadAllAsync(store, events);
        var (together, alone) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < size.Turns; turn++)
        {
            GC.Collect();
            together.Add(await ReadAllAsync(store, events));
            alone.Add(await ReadOneAsync(store));
        }

        var series = new Series(together);
        return new Result(
            series.Median, series.Spread, $"one reader alone {Text.Number(new Series(alone).Median)} events/s")
        {
            Scaled = size.Quick ? $"{events:N0} events" : null,
        };
    }

    private static async Task FillAsync(IEventStore store, int events)
    {
        var names = Enumerable.Range(0, Streams).Select(static at =>
            new StreamName("bench", at.ToString(CultureInfo.InvariantCulture)));
        foreach (var streams in names.GroupBy(store.PartitionOf))
        {
            var (of, left) = (streams.ToArray(), events / store.PartitionCount);
            var versions = new long[of.Length];
            for (var next = 0; left > 0;)
            {
                var some = Math.Min(left, AppendsPerCommit);
                var appends = new Append[some];
                for (var at = 0; at < some; at++, next = (next + 1) % of.Length)
                    appends[at] = Filling.Append(of[next], versions[next]++, 1);
                await Filling.CommitAsync(store, new AppendBatch(streams.Key, Filling.Now, appends));
                left -= some;
            }
        }
    }

    private static async Task<double> ReadAllAsync(IEventStore store, int events)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, store.PartitionCount)
            .Select(at => Task.Run(() => ReadAsync(store, at))));
        var elapsed = Stopwatch.GetElapsedTime(start);
        var expected = events / store.PartitionCount * store.PartitionCount;
        return counts.Sum() == expected
            ? expected / elapsed.TotalSeconds
            : throw new InvalidDataException($"{counts.Sum()} events were read of {expected}.");
    }

    private static async Task<double> ReadOneAsync(IEventStore store)
    {
        var start = Stopwatch.GetTimestamp();
        var count = await ReadAsync(store, 0);
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<long> ReadAsync(IEventStore store, int partition)
    {
        var count = 0L;
        var start = LogPosition.StartOf(new LogPartition(partition));
        await foreach (var recorded in store.ReadLogAsync(start, CancellationToken.None))
        {
            if (recorded.Payload.Length != Noted.Json.Length) throw new InvalidDataException("Another event was read.");
            count++;
        }

        return count;
    }
}
