using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Granary.Tests.Integration;

/// <summary>
/// A bank on three silos that are killed while its customers ask for transfers: money is neither made nor lost. No
/// other test runs meanwhile: they take the time that silos have to answer each other.
/// </summary>
[Collection(nameof(BankTests)), CollectionDefinition(nameof(BankTests), DisableParallelization = true)]
[SuppressMessage("Security", "CA5394", Justification = "The points are to be repeatable, not secret.")]
public sealed class BankTests(ITestOutputHelper output)
{
    private const string KillsVariable = "GRANARY_BANK_KILLS";
    private const int KillsByDefault = 6;
    private const int KillsMin = 3;
    private const int Customers = 12;
    private const int TransfersPerKillMax = 100;

    // On a slow machine fewer silos are killed.
    private static readonly TimeSpan KillsTimeout = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Money_is_neither_made_nor_lost_however_silos_are_killed()
    {
        var seed = Randomness.Seed("bank");
        var begun = TimeProvider.System.GetTimestamp();
        await using var cluster = await LedgerCluster.StartAsync();
        using var bank = new Bank(cluster.Http, seed);
        await bank.OpenAsync();
        var kills = await RunAsync(cluster, bank, new Random(seed));
        await cluster.WaitReadyAsync();
        await WaitEndedAsync(cluster, bank).WaitAsync(EndTimeout, TimeProvider.System, Token);

        var log = await LedgerLog.ReadAsync(cluster.Http, LedgerCluster.Partitions);
        var walk = new BankWalk();
        walk.Run(log);
        await CheckTransfersAsync(cluster, bank, walk);
        await LedgerModels.CheckAsync(cluster.Http, log);
        Print(cluster, walk, kills, begun);
    }

    private async Task<int> RunAsync(LedgerCluster cluster, Bank bank, Random random)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var sampler = new ModelSampler(cluster.Http);
        Task[] customers =
        [
            .. Enumerable.Range(0, Customers).Select(one => bank.RunAsync(one, stop.Token)),
            sampler.RunAsync(stop.Token),
        ];
        var kills = 0;
        try
        {
            kills = await KillAsync(cluster, random, requests => bank.WaitAsync(requests, customers));
        }
        finally
        {
            await stop.CancelAsync();
        }

        await Task.WhenAll(customers);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{bank.Sent.Count} transfers, and {sampler.Rows} rows of models that were read meanwhile"));
        var log = await LedgerLog.ReadAsync(cluster.Http, LedgerCluster.Partitions);
        sampler.Check(new LedgerFold(log));
        return kills;
    }

    // Kills one silo after the other, each after so many answers as chance says.
    private static async Task<int> KillAsync(LedgerCluster cluster, Random random, Func<int, Task> answers)
    {
        var kills = 0;
        var begun = TimeProvider.System.GetTimestamp();
        while (kills < Randomness.Setting(KillsVariable, KillsByDefault)
            && (kills < KillsMin || TimeProvider.System.GetElapsedTime(begun) < KillsTimeout))
        {
            await answers(random.Next(1, TransfersPerKillMax));
            await cluster.Nodes[random.Next(LedgerCluster.Silos)].KillAsync();
            kills++;
        }

        await answers(TransfersPerKillMax);
        return kills;
    }

    // Follows the log until every accepted transfer has ended.
    private static async Task WaitEndedAsync(LedgerCluster cluster, Bank bank)
    {
        var waiting = bank.Sent.Select(static one => one.Id).ToHashSet();
        using var live = await LiveReader.ConnectAsync(
            cluster.Nodes[0].Url,
            "/api/log/live?type=transfer-completed&type=transfer-rejected&type=transfer-refunded");
        while (waiting.Count > 0) waiting.Remove(LedgerEvent.Of(await live.EventAsync()).Key);
    }

    private static async Task CheckTransfersAsync(LedgerCluster cluster, Bank bank, BankWalk walk)
    {
        Assert.Equal(bank.Sent.Count, walk.Transfers.Count);
        await Parallel.ForEachAsync(bank.Sent.Index(), Token, async (one, _) =>
        {
            var (number, sent) = one;
            var there = walk.Transfers[sent.Id];
            Assert.Equal((sent.From, sent.To, sent.Amount), (there.From, there.To, there.Amount));
            var view = (await cluster.Http.GetAsync($"/api/transfers/{sent.Id}", number)).Is(HttpStatusCode.OK).Json;
            Assert.Contains(there.Step, new[] { BankStep.Completed, BankStep.Rejected, BankStep.Refunded });
            Assert.Equal(there.Step.ToString(), (string?)view["status"], ignoreCase: true);
        });
    }

    private void Print(LedgerCluster cluster, BankWalk walk, int kills, long begun)
    {
        foreach (var kind in walk.Transfers.Values.GroupBy(static one => one.Step))
            output.WriteLine($"{kind.Count()} {kind.Key}");
        foreach (var (answer, count) in cluster.Http.Answers) output.WriteLine($"{count} x {answer}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{kills} kills, {walk.Taken} events, {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s"));
    }
}
