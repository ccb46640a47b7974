using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using Granary.Client;

namespace Granary.Benchmarks;

/// <summary>
/// One append after the other: the time from the call until a live subscription in the silo has the event. Most events
/// are there before their caller has its answer, so the time from the answer is none.
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
        var (found, all, answers) = (new List<double>(), new Latencies(), new Latencies());
        for (var turn = 0; turn < size.Turns; turn++)
        {
            GC.Collect();
            var (calls, lags) = await SendAsync(silo, received.Reader, size.Of(300, 100));
            found.Add(calls.Percentile(0.5).TotalMilliseconds);
            all.Add(calls);
            answers.Add(lags);
        }

        await ends.CancelAsync();
        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var series = new Series(found);
        return new Result(
            series.Median, series.Spread,
            $"ms; p50, p99, p99.9 of all {all.Counts.Sum():N0} from the call: {Text.Of(all)}; from its answer: "
            + Text.Of(answers));
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

    private static async Task<(Latencies FromCall, Latencies FromAnswer)> SendAsync(
        ModelSilo silo, ChannelReader<(long Amount, long At)> received, int events)
    {
        var (calls, lags) = (new Latencies(), new Latencies());
        for (var at = 1; at <= events; at++)
        {
            var called = Stopwatch.GetTimestamp();
            await silo.Silo.Tally(GranaryTally.Kind, at % 10).Add(at);
            var answered = Stopwatch.GetTimestamp();
            var one = await received.ReadAsync();
            if (one.Amount != at) throw new InvalidDataException($"Event {one.Amount} was received, not {at}.");
            calls.Add(one.At - called);
            lags.Add(Math.Max(0, one.At - answered));
            await Task.Delay(Pause, TimeProvider.System);
        }

        return (calls, lags);
    }
}
