using System.Diagnostics;
using System.Globalization;

namespace Granary.Benchmarks;

/// <summary>Measures layouts in turns, when each has its first round and when it is full.</summary>
internal static class LayoutMeasures
{
    // Where a simpler layout costs at most so much more than the shipped one, the simpler one is to be taken.
    private const double WorthIt = 1.3;

    private const int FewStreams = 1_000;

    private static readonly string[] Head =
    [
        "layout", "events", "appends/s, all streams", "server CPU an append", "log written an append",
        "appends/s, few streams", "server CPU an append", "reading 1,000 events", "server CPU of that",
        "log read, events/s", "bytes an event",
    ];

    /// <summary>Measures all, and writes a table in Markdown.</summary>
    public static async Task<string> RunAsync(DataFolder folder, RunSize size)
    {
        var data = size.Of(new LayoutData(100_000, 100), new LayoutData(20_000, 25));
        var cpu = await ServerCpu.FindAsync();
        var empty = await MeasureAsync(data, 1, cpu, size);
        var full = await MeasureAsync(data, data.Rounds, cpu, size);
        var rows = empty.Concat(full).Select(static one => one.Cells());
        return string.Join('\n', [Text.Table([Head, .. rows]), "", .. full.Skip(1).Select(one => Judge(full[0], one))]);
    }

    private static string Judge(Measured shipped, Measured other)
    {
        var (all, few) = (other.All.Cpu / shipped.All.Cpu, other.Few.Cpu / shipped.Few.Cpu);
        var (cost, read) = (Math.Max(all, few), other.Stream.Median / shipped.Stream.Median);
        var found = $"- *{other.Name}* against *{shipped.Name}*, full: an append costs the server "
            + $"{Text.Number(all)} times as much over all streams and {Text.Number(few)} over few, "
            + $"reading a stream takes {Text.Number(read)} times as long";
        return other.IsSimpler
            ? $"{found}. To be taken up to {Text.Number(WorthIt)} of an append: {(cost <= WorthIt ? "yes" : "no")}."
            : $"{found}.";
    }

    private static async Task<List<Measured>> MeasureAsync(LayoutData data, int rounds, ServerCpu cpu, RunSize size)
    {
        var layouts = new Layout[]
        {
            new ShippedLayout(data, null), new SimpleLayout(data), new ShippedLayout(data, data.Events / 10),
        };
        try
        {
            var all = new List<Measured>();
            foreach (var layout in layouts)
            {
                var start = Stopwatch.GetTimestamp();
                await layout.FillAsync(rounds);
                all.Add(new Measured(layout, await layout.Schema.BytesAsync()));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"  {layout.Name}: {layout.Events:N0} events filled, "
                    + $"{Stopwatch.GetElapsedTime(start).TotalSeconds:N0} s"));
            }

            // Nothing is left to be written when the clock runs.
            await Server.RunAsync("CHECKPOINT");
            for (var turn = 0; turn <= size.Of(5, 2); turn++)
            {
                foreach (var one in all) await one.MeasureAsync(cpu, size, isWarmUp: turn == 0);
            }

            return all;
        }
        finally
        {
            foreach (var layout in layouts) await layout.DisposeAsync();
        }
    }

    /// <summary>The figures of appends to some streams.</summary>
    private sealed class AppendFigures
    {
        private readonly List<double> _rates = [];
        private readonly List<double> _micros = [];
        private readonly List<double> _bytes = [];

        /// <summary>The server's processor time an append, in microseconds.</summary>
        public double Cpu => new Series(_micros).Median;

        public void Add(double rate, double micros, double bytes)
        {
            _rates.Add(rate);
            _micros.Add(micros);
            _bytes.Add(bytes);
        }

        public void Clear()
        {
            _rates.Clear();
            _micros.Clear();
            _bytes.Clear();
        }

        public string[] Cells() =>
        [
            Text.Number(new Series(_rates).Median), $"{Text.Number(Cpu)} µs",
            $"{Text.Number(new Series(_bytes).Median)} bytes",
        ];
    }

    /// <summary>The figures of one layout at one size.</summary>
    private sealed class Measured(Layout layout, long bytes)
    {
        private readonly long _events = layout.Events;
        private readonly List<double> _stream = [];
        private readonly List<double> _streamCpu = [];
        private readonly List<double> _log = [];
        private long _streamEvents;

        public string Name => layout.Name;

        public bool IsSimpler => layout is SimpleLayout;

        /// <summary>Appends to any stream.</summary>
        public AppendFigures All { get; } = new();

        /// <summary>Appends to a thousand streams, as those of active grains are.</summary>
        public AppendFigures Few { get; } = new();

        public Series Stream => new(_stream);

        public async Task MeasureAsync(ServerCpu cpu, RunSize size, bool isWarmUp)
        {
            await AppendAsync(cpu, size.Of(200, 40), layout.Streams, All);
            await AppendAsync(cpu, size.Of(200, 40), FewStreams, Few);
            await ReadStreamsAsync(cpu);
            await ReadLogAsync(size.Of(500_000, 20_000));
            if (!isWarmUp) return;
            All.Clear();
            Few.Clear();
            foreach (var figures in new[] { _stream, _streamCpu, _log }) figures.Clear();
        }

        public string[] Cells() =>
        [
            Name, Text.Number(_events), .. All.Cells(), .. Few.Cells()[..2],
            $"{Text.Number(Stream.Median)} ms{(_streamEvents == LayoutData.LongEvents ? "" : $" for {_streamEvents}")}",
            $"{Text.Number(new Series(_streamCpu).Median)} ms", Text.Number(new Series(_log).Median),
            Text.Number((double)bytes / _events),
        ];

        private async Task AppendAsync(ServerCpu cpu, int commits, int among, AppendFigures figures)
        {
            var run = layout.Prepare(commits, among);
            GC.Collect();
            var (used, wal, start) = (cpu.Total(), await Server.WalBytesAsync(), Stopwatch.GetTimestamp());
            await run();
            var elapsed = Stopwatch.GetElapsedTime(start);
            await layout.SettleAsync();
            var appends = (double)commits * Layout.AppendsPerCommit;
            figures.Add(
                appends / elapsed.TotalSeconds, (cpu.Total() - used).TotalMicroseconds / appends,
                (await Server.WalBytesAsync() - wal) / appends);
        }

        // The server's time is counted in steps of 10 ms: all streams are read together, and the mean is taken.
        private async Task ReadStreamsAsync(ServerCpu cpu)
        {
            var (used, start, events) = (cpu.Total(), Stopwatch.GetTimestamp(), 0L);
            for (var at = 0; at < LayoutData.LongStreams; at++) events += await layout.ReadStreamAsync(at);
            _stream.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds / LayoutData.LongStreams);
            _streamCpu.Add((cpu.Total() - used).TotalMilliseconds / LayoutData.LongStreams);
            _streamEvents = events / LayoutData.LongStreams;
        }

        private async Task ReadLogAsync(long most)
        {
            var events = Math.Min(most, _events);
            var start = Stopwatch.GetTimestamp();
            var count = await layout.ReadLogAsync(events);
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (count < events) throw new InvalidDataException($"{count} events were read of {events}.");
            _log.Add(count / elapsed.TotalSeconds);
        }
    }
}
