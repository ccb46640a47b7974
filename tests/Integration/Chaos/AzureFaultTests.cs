using System.Collections.Concurrent;
using System.Globalization;

namespace Granary.Tests.Integration;

/// <summary>
/// Two silos of one cluster, and nothing else but a storage account, under a load that knows what was acknowledged,
/// while the silos are killed, stand still until they are declared dead, and are cut off from the account. The account
/// itself never fails: the emulator keeps nothing.
/// </summary>
public sealed class AzureFaultTests(ITestOutputHelper output)
{
    private const int Writers = 8;
    private const int AppendsMin = 100;

    private static readonly TimeSpan ReturnTimeout = TimeSpan.FromSeconds(90);

    // A request to the account waits for its answer for ten seconds. What it asked for arrives when the cut is over.
    private static readonly TimeSpan LongerThanRequest = TimeSpan.FromSeconds(12);

    private readonly ConcurrentQueue<SentAppend> _sent = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_acknowledged_event_is_lost_or_doubled_and_service_returns_whatever_becomes_of_the_silos()
    {
        Assert.SkipWhen(AzuriteServer.SkipReason is not null, AzuriteServer.SkipReason ?? "");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The faults are those of Linux.");
        var seed = Randomness.Seed("faults on Azure Storage");
        await using var silos = await AzureSilos.StartAsync();
        using var http = new ChaosHttp(silos.Urls);
        var watch = new ServiceWatch(Writers);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writers = Enumerable.Range(0, Writers)
            .Select(writer => new ChaosWriter(writer, seed, http, watch, _sent.Enqueue).RunAsync(stop.Token)).ToArray();
        try
        {
            await watch.WaitServedAsync(watch.Now, ReturnTimeout, Token);
            await RunAsync("silo killed", silos, watch, () => silos.Nodes[0].KillAsync());
            await RunAsync("silo suspended", silos, watch, () => SuspendAsync(silos, 1, watch));
            await RunAsync("silo cut off from the account", silos, watch, () => CutAsync(silos, 0));
            await RunAsync("all silos killed", silos, watch, () =>
                Task.WhenAll(silos.Nodes.Select(static one => one.KillAsync())));
            await stop.CancelAsync();
            await Task.WhenAll(writers).WaitAsync(ReturnTimeout, TimeProvider.System, Token);
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var (answer, count) in http.Answers) output.WriteLine($"{count} x {answer}");
        }

        Assert.True(_sent.Count > AppendsMin, $"{_sent.Count} appends are no load.");
        await LogJudge.JudgeAsync(silos.Urls[0], silos.Urls, AzureSilos.Partitions, _sent, output);
        Assert.True(http.Violations.Count == 0, string.Join('\n', http.Violations));
    }

    private async Task RunAsync(string fault, AzureSilos silos, ServiceWatch watch, Func<Task> run)
    {
        watch.Reset();
        await run();
        var back = await watch.WaitServedAsync(watch.Now, ReturnTimeout, Token);
        await silos.WaitReadyAsync(ReturnTimeout);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{fault}: longest without service {watch.Longest.TotalSeconds:0.0} s, back after "
            + $"{back.TotalSeconds:0.0} s"));
    }

    // The other takes over; then it finds out that it was declared dead, and ends.
    private static async Task SuspendAsync(AzureSilos silos, int number, ServiceWatch watch)
    {
        var (silo, starts) = (silos.Nodes[number], silos.Nodes[number].Starts);
        silo.Suspend();
        try
        {
            await silos.WaitDeclaredDeadAsync(number, ReturnTimeout);
            await watch.WaitServedAsync(watch.Now, ReturnTimeout, Token);
        }
        finally
        {
            silo.Resume();
        }

        var begun = TimeProvider.System.GetTimestamp();
        while (silo.Starts == starts)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < ReturnTimeout,
                $"{silo.Name} was declared dead, but has not ended:\n{silo.LastOutput}");
            await HoldAsync(TimeSpan.FromMilliseconds(50));
        }
    }

    private static async Task CutAsync(AzureSilos silos, int number)
    {
        silos.Cut(number);
        await HoldAsync(LongerThanRequest);
        silos.Heal(number);
    }

    private static Task HoldAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, Token);
}
