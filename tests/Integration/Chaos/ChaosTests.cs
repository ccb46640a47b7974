using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Granary.Tests.Integration;

/// <summary>
/// Three silos, two gateways and another cluster on one PostgreSQL, under a load that knows what was acknowledged,
/// while one fault comes after the other. Each kind comes once, in an order that follows from the seed; then again, as
/// long as the environment says. No other test runs meanwhile: they take the time that silos have to answer each other.
/// </summary>
[Collection(nameof(ChaosTests)), CollectionDefinition(nameof(ChaosTests), DisableParallelization = true)]
[SuppressMessage("Security", "CA5394", Justification = "The order is to be repeatable, not secret.")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const string SecondsVariable = "GRANARY_CHAOS_SECONDS";
    private const string OnlyVariable = "GRANARY_CHAOS_ONLY";
    private const int Writers = 16;
    private const int Partitions = 4;

    private static readonly TimeSpan ReturnTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(90);

    private readonly ConcurrentQueue<SentAppend> _sent = new();
    private readonly List<(string Fault, TimeSpan Longest, TimeSpan Back)> _faults = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_acknowledged_event_is_lost_or_doubled_and_service_returns_whatever_fails()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        Assert.SkipWhen(RedisServer.SkipReason is not null, RedisServer.SkipReason ?? "");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The faults are those of Linux.");
        var seed = Randomness.Seed("chaos");
        var begun = TimeProvider.System.GetTimestamp();
        await using var cluster = await ChaosCluster.StartAsync();
        output.WriteLine(cluster.Network.IsReal
            ? "Silos are cut off from each other in network namespaces."
            : "There are no network namespaces here: no silo is cut off from the others.");
        using var http = new ChaosHttp(cluster.Urls);
        var watch = new ServiceWatch(Writers);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writers = Enumerable.Range(0, Writers)
            .Select(writer => new ChaosWriter(writer, seed, http, watch, _sent.Enqueue).RunAsync(stop.Token)).ToArray();
        try
        {
            await watch.WaitServedAsync(watch.Now, ReturnTimeout, Token);
            await RunFaultsAsync(cluster, watch, new Random(seed), begun);
            await stop.CancelAsync();
            await Task.WhenAll(writers).WaitAsync(ReturnTimeout, TimeProvider.System, Token);
        }
        finally
        {
            await stop.CancelAsync();
            Print(http, begun);
        }

        await LogJudge.JudgeAsync(cluster.GatewayNodes[0].Url, cluster.Urls, Partitions, _sent, output);
        Assert.Empty(http.Violations);
    }

    private async Task RunFaultsAsync(ChaosCluster cluster, ServiceWatch watch, Random random, long begun)
    {
        var only = Environment.GetEnvironmentVariable(OnlyVariable) ?? "";
        var kinds = Fault.All(cluster).Where(one => one.Name.Contains(only, StringComparison.Ordinal)).ToArray();
        var seconds = Randomness.Setting(SecondsVariable, 0);
        Assert.True(kinds.Length > 0, $"{OnlyVariable}: no fault's name contains '{only}'.");
        do
        {
            random.Shuffle(kinds);
            foreach (var kind in kinds)
            {
                await RunAsync(kind, random.Next(ChaosCluster.Silos), cluster, watch);
                if (_faults.Count >= kinds.Length && IsOver()) return;
            }
        }
        while (!IsOver());

        bool IsOver() => TimeProvider.System.GetElapsedTime(begun).TotalSeconds >= seconds;
    }

    private async Task RunAsync(Fault fault, int number, ChaosCluster cluster, ServiceWatch watch)
    {
        watch.Reset();
        var begun = watch.Now;
        await fault.RunAsync(new FaultContext(cluster, watch, Token), number);
        var back = await watch.WaitServedAsync(watch.Now, ReturnTimeout, Token);
        await cluster.WaitReadyAsync(ReadyTimeout);
        _faults.Add((fault.Name, watch.Longest, back));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{fault.Name} ({number}): {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s in all, longest "
            + $"without service {watch.Longest.TotalSeconds:0.0} s, back after {back.TotalSeconds:0.0} s"));
    }

    private void Print(ChaosHttp http, long begun)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0} s, {_faults.Count} faults, "
            + $"{_sent.Count} appends, of which {Count(SentOutcome.Unknown)} unknown and "
            + $"{Count(SentOutcome.Refused)} refused"));
        foreach (var kind in _faults.GroupBy(static one => one.Fault))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {kind.Key} | {kind.Count()} | {kind.Max(static one => one.Longest).TotalSeconds:0.0} s | "
                + $"{kind.Max(static one => one.Back).TotalSeconds:0.0} s |"));
        foreach (var (answer, count) in http.Answers.OrderByDescending(static one => one.Value))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} x {answer}"));
        foreach (var violation in http.Violations) output.WriteLine(violation);

        int Count(SentOutcome outcome) => _sent.Count(one => one.Outcome == outcome);
    }
}
