using System.Diagnostics;
using System.Globalization;
using Granary.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Granary.Benchmarks;

/// <summary>
/// Connections that follow the log of the shipped silo by server-sent events: how many events they are sent in all
/// where
/// as many are appended as it takes, and how late the last of them are where few are.
/// </summary>
internal sealed class FanOutScenario : IScenario
{
    private const int Readers = 100;
    private const int Appenders = 64;
    private const int SteadyPerSecond = 100;

    private readonly long[] _answered = new long[200_000];
    private readonly Latencies[] _lags = [.. Enumerable.Range(0, Readers).Select(static _ => new Latencies())];
    private long _received;
    private int _numbers;

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        await using var silo = new ShippedSilo();
        await silo.StartAsync(folder.Next());
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{silo.HttpPort}") };
        using var ends = new CancellationTokenSource();
        var open = new CountdownEvent(Readers);
        var reading = Enumerable.Range(0, Readers).Select(at => ReadAsync(http, at, open, ends.Token)).ToArray();
        await ModelSilo.UntilAsync(() => Task.FromResult(open.IsSet || reading.Any(static one => one.IsCompleted)));

        var found = new List<double>();
        for (var turn = 0; turn < 2; turn++) await PushAsync(silo, size.Of(2_000, 500));
        for (var turn = 0; turn < size.Of(7, 3); turn++) found.Add(await PushAsync(silo, size.Of(3_000, 500)));

        foreach (var one in _lags) Array.Clear(one.Counts);
        await SendSteadilyAsync(silo, size.Of(1_000, 200));
        await ends.CancelAsync();
        foreach (var one in reading) await one;
        var all = new Latencies();
        foreach (var one in _lags) all.Add(one);
        var series = new Series(found);
        return new Result(
            series.Median, series.Spread,
            $"{Text.Number(series.Median / Readers)} appends/s to each of {Readers}; at {SteadyPerSecond} appends/s "
            + $"p50, p99, p99.9 from the answer: {Text.Of(all)}");
    }

    private async Task<double> PushAsync(ShippedSilo silo, int events)
    {
        GC.Collect();
        var (start, before) = (Stopwatch.GetTimestamp(), Interlocked.Read(ref _received));
        var first = _numbers;
        _numbers += events;
        await Task.WhenAll(Enumerable.Range(0, Appenders).Select(async appender =>
        {
            for (var at = first + appender; at < first + events; at += Appenders) await AppendAsync(silo, at);
        }));
        await WaitAsync(before + (long)events * Readers);
        return (double)events * Readers / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private async Task SendSteadilyAsync(ShippedSilo silo, int events)
    {
        var before = Interlocked.Read(ref _received);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / SteadyPerSecond), TimeProvider.System);
        for (var at = 0; at < events && await timer.WaitForNextTickAsync(); at++) await AppendAsync(silo, _numbers++);
        await WaitAsync(before + (long)events * Readers);
    }

    private Task WaitAsync(long received) =>
        ModelSilo.UntilAsync(() => Task.FromResult(Interlocked.Read(ref _received) >= received));

    private async Task AppendAsync(ShippedSilo silo, int number)
    {
        var grain = silo.Services.GetRequiredService<IGrainFactory>()
            .GetGrain<IEventStreamGrain>($"Live/{number % Appenders}");
        var json = System.Text.Encoding.UTF8.GetBytes($$"""{"number":{{number}}}""");
        await grain.Append(new StreamAppend([new StreamEvent("numbered", json)]));
        Volatile.Write(ref _answered[number], Stopwatch.GetTimestamp());
    }

    private async Task ReadAsync(HttpClient http, int reader, CountdownEvent open, CancellationToken cancellationToken)
    {
        const string Number = "\"number\":";
        try
        {
            await using var body = await http.GetStreamAsync("/api/log/live?category=Live", cancellationToken);
            using var lines = new StreamReader(body);
            open.Signal();
            while (await lines.ReadLineAsync(cancellationToken) is { } line)
            {
                if (!line.StartsWith("data:", StringComparison.Ordinal)) continue;
                var at = line.IndexOf(Number, StringComparison.Ordinal) + Number.Length;
                var digits = line.AsSpan(at, line.IndexOf('}', at) - at);
                var number = int.Parse(digits, CultureInfo.InvariantCulture);
                var answered = Volatile.Read(ref _answered[number]);
                _lags[reader].Add(answered == 0 ? 0 : Math.Max(0, Stopwatch.GetTimestamp() - answered));
                Interlocked.Increment(ref _received);
            }

            throw new InvalidDataException("A reader was cut off.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Everything was received.
        }
    }
}
