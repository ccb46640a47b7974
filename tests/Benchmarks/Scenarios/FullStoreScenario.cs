using System.Diagnostics;
using System.Globalization;
using Granary.Storage.Sqlite;

namespace Granary.Benchmarks;

/// <summary>
/// Appends of one event over random streams, 500 a commit, to a store that holds ten million events and to one that
/// holds each stream's first event and no more.
/// </summary>
internal sealed class FullStoreScenario : IScenario
{
    private const int AppendsPerCommit = 500;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        var (streams, events, appends) = size.Of((100_000, 10_000_000, 200_000), (10_000, 1_000_000, 50_000));
        await using var full = await Filled.MakeAsync(folder.Next(), streams);
        while (full.Events < events)
            await full.CommitAsync(full.Batch(AppendsPerCommit, eventsEach: 10));
        await full.AppendAsync(appends / 4);

        var pairs = await Pairs.MeasureAsync(
            size.Of(5, 2), () => full.AppendAsync(appends), () => EmptyAsync(folder.Next(), streams, appends));
        await full.CheckAsync();
        return Result.Of(pairs, "events/s") with
        {
            Scaled = size.Quick ? $"{events:N0} events, {streams:N0} streams" : null,
        };
    }

    private static async Task<double> EmptyAsync(string folder, int streams, int appends)
    {
        double rate;
        await using (var empty = await Filled.MakeAsync(folder, streams))
        {
            rate = await empty.AppendAsync(appends);
            await empty.CheckAsync();
        }

        Directory.Delete(folder, recursive: true);
        return rate;
    }

    /// <summary>A store, and what it must hold.</summary>
    private sealed class Filled(SqliteEventStore store, int streams) : IAsyncDisposable
    {
        private readonly Random _random = new(7_210);
        private readonly long[] _versions = new long[streams];
        private readonly StreamName[] _names =
        [
            .. Enumerable.Range(0, streams).Select(static at =>
                new StreamName("bench", at.ToString(CultureInfo.InvariantCulture))),
        ];

        public long Events { get; private set; }

        public static async Task<Filled> MakeAsync(string folder, int streams)
        {
            var store = new SqliteEventStore(new SqliteStoreOptions { Path = Path.Combine(folder, "granary.db") });
            await store.InitializeAsync(CancellationToken.None);
            var filled = new Filled(store, streams);
            for (var at = 0; at < streams; at += AppendsPerCommit)
            {
                var chunk = Enumerable.Range(at, Math.Min(AppendsPerCommit, streams - at));
                await filled.CommitAsync(Batch([.. chunk.Select(stream => filled.Next(stream, 1))]));
            }

            return filled;
        }

        /// <summary>The rate of so many appends; what is appended is made before the clock runs.</summary>
        public async Task<double> AppendAsync(int appends)
        {
            var batches = new AppendBatch[appends / AppendsPerCommit];
            for (var at = 0; at < batches.Length; at++) batches[at] = Batch(AppendsPerCommit, 1);
            GC.Collect();
            var start = Stopwatch.GetTimestamp();
            foreach (var batch in batches) await store.CommitAsync(batch, CancellationToken.None);
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (batches.Any(static batch => batch.Results.Any(static one => one.Outcome != AppendOutcome.Appended)))
                throw new InvalidDataException("Not every append landed.");
            return batches.Length * AppendsPerCommit / elapsed.TotalSeconds;
        }

        public Task CommitAsync(AppendBatch batch) => Filling.CommitAsync(store, batch);

        public AppendBatch Batch(int appends, int eventsEach) =>
            Batch([.. Enumerable.Range(0, appends).Select(_ => Next(_random.Next(_names.Length), eventsEach))]);

        /// <summary>A hundred streams end where they should.</summary>
        public async Task CheckAsync()
        {
            for (var check = 0; check < 100; check++)
            {
                var at = _random.Next(_names.Length);
                var head = await store.ReadHeadAsync(_names[at], CancellationToken.None);
                if (head.Version.Value != _versions[at])
                    throw new InvalidDataException($"{_names[at]} is at {head.Version}, not at {_versions[at]}.");
            }
        }

        public ValueTask DisposeAsync() => store.DisposeAsync();

        private static AppendBatch Batch(Append[] appends) => new(new LogPartition(0), Filling.Now, appends);

        private Append Next(int stream, int events)
        {
            var append = Filling.Append(_names[stream], _versions[stream], events);
            _versions[stream] += events;
            Events += events;
            return append;
        }
    }
}
