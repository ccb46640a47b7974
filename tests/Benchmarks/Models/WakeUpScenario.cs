using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using Granary.Client;

namespace Granary.Benchmarks;

/// <summary>
/// One append after the other: the time from the answer until a live subscription in the silo has the event. Where it
/// has it before the caller has its answer, no time has passed.
/// </summary>
internal sealed class WakeUpScenario(StoreKind kind) : IScenario
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(3);

    public async Task<Result> RunAsync(DataFolder folder, RunSize size)
    {
        await using var silo = await ModelSilo.StartAsync(kind, folder.Next());
        using var ends = new CancellationTokenSource();
        var received = Channel.CreateBounded<(long Amount, long At)>(1_000);
        var following = FollowAsync(silo, received.Writer, ends.Token);
        await SendAsync(silo, received.Reader, size.Of(500, 100));
        var (found, all) = (new List<double>(), new Latencies());
        for (var turn = 0; turn < size.Turns; turn++)
        {
            GC.Collect();
            var lags = await SendAsync(silo, received.Reader, size.Of(300, 100));
            found.Add(lags.Percentile(0.5).TotalMilliseconds);
            all.Add(lags);
        }

        await ends.CancelAsync();
        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var series = new Series(found);
        return new Result(
            series.Median, series.Spread, $"ms; p50, p99, p99.9 of all {all.Counts.Sum():N0}: {Text.Of(all)}");
    }

    private static async Task FollowAsync(
        ModelSilo silo, ChannelWriter<(long, long)> received, CancellationToken cancellationToken)
    {
        await foreach (var recorded in silo.Client.SubscribeAsync(
            LogStart.Beginning, cancellationToken: cancellationToken))
        {
            var at = Stopwatch.GetTimestamp();
            var noted = JsonSerializer.Deserialize<Noted>(recorded.Payload.Span, JsonSerializerOptions.Web)!;
            await received.WriteAsync((noted.Amount, at), cancellationToken);
        }
    }

    private static async Task<Latencies> SendAsync(
        ModelSilo silo, ChannelReader<(long Amount, long At)> received, int events)
    {
        var lags = new Latencies();
        for (var at = 1; at <= events; at++)
        {
            await silo.Silo.Tally(GranaryTally.Kind, at % 10).Add(at);
            var answered = Stopwatch.GetTimestamp();
            var one = await received.ReadAsync();
            if (one.Amount != at) throw new InvalidDataException($"Event {one.Amount} was received, not {at}.");
            lags.Add(Math.Max(0, one.At - answered));
            await Task.Delay(Pause, TimeProvider.System);
        }

        return lags;
    }
}
