using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>
/// Silos leave, by order or by a kill, and join again while events are appended: the readers of the partitions move
/// between them, and the models lose and double nothing.
/// </summary>
[Collection(nameof(BankTests))]
[SuppressMessage("Security", "CA5394", Justification = "The points are to be repeatable, not secret.")]
public sealed class MovingReadersTests(ITestOutputHelper output) : IDisposable
{
    private const int Moves = 6;
    private const int Writers = 12;
    private const int Accounts = 30;
    private const int DepositsPerMoveMax = 300;

    private static readonly string[] Projections = ["balances", "statements", "currency_totals", "open_transfers"];

    private readonly ConcurrentDictionary<string, int> _deposits = new();
    private readonly ConcurrentDictionary<(string Reader, int Partition), HashSet<string>> _silos = new();
    private readonly SemaphoreSlim _answered = new(0);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_equal_the_log_however_their_partitions_move_between_silos()
    {
        var seed = Randomness.Seed("moving readers");
        await using var cluster = await LedgerCluster.StartAsync();
        for (var account = 0; account < Accounts; account++)
            (await cluster.Http.PostAsync(
                account, PathOf(account), new JsonObject { ["owner"] = "Ada", ["currency"] = "EUR" }, "open"))
                .Is(HttpStatusCode.Created);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writers = Enumerable.Range(0, Writers).Select(one => WriteAsync(cluster, one, stop.Token)).ToArray();
        try
        {
            await MoveAsync(cluster, new Random(seed), writers);
        }
        finally
        {
            await stop.CancelAsync();
        }

        await Task.WhenAll(writers);
        await cluster.WaitReadyAsync();
        var log = await LedgerLog.ReadAsync(cluster.Http, LedgerCluster.Partitions);
        await LedgerModels.CheckAsync(cluster.Http, log);

        // Every deposit that was answered is there once: of those that a model has lost or doubled, the log has none.
        var fold = new LedgerFold(log);
        Assert.Equal(_deposits.Values.Sum(), fold.Statements.Count);
        foreach (var (account, count) in _deposits) Assert.Equal(count, fold.Balances[account].Balance);
        var moved = _silos.Values.Sum(static one => one.Count - 1);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{log.Events.Count()} events, and {moved} moves of {_silos.Count} readers"));
        Assert.True(moved > 0, "No reader has moved.");
    }

    public void Dispose() => _answered.Dispose();

    private static string PathOf(int account, string rest = "") =>
        string.Create(CultureInfo.InvariantCulture, $"/api/accounts/a{account}{rest}");

    private async Task WriteAsync(LedgerCluster cluster, int writer, CancellationToken stop)
    {
        await Task.Yield();
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var account = ((writer * 7) + number) % Accounts;
            var body = new JsonObject { ["amount"] = 1, ["currency"] = "EUR" };
            (await cluster.Http.PostAsync(writer + number, PathOf(account, "/deposits"), body, $"{writer}-{number}"))
                .Is(HttpStatusCode.OK);
            _deposits.AddOrUpdate($"a{account}", 1, static (_, count) => count + 1);
            _answered.Release();
        }
    }

    // One silo after the other leaves and comes back; half of them by order.
    private async Task MoveAsync(LedgerCluster cluster, Random random, Task[] writers)
    {
        for (var move = 0; move < Moves; move++)
        {
            await WaitAsync(random.Next(1, DepositsPerMoveMax), writers);
            await LookAsync(cluster);
            var node = cluster.Nodes[random.Next(LedgerCluster.Silos)];
            if (move % 2 == 0) await node.StopAsync();
            else await node.KillAsync();
        }

        await WaitAsync(DepositsPerMoveMax, writers);
        await LookAsync(cluster);
    }

    private async Task WaitAsync(int deposits, Task[] writers)
    {
        for (var count = 0; count < deposits; count++)
        {
            var answered = _answered.WaitAsync(TimeSpan.FromMinutes(1), Token);
            var first = await Task.WhenAny([answered, .. writers]);
            await first;
            Assert.True(first == answered && await answered, "No deposit was answered for a minute.");
        }
    }

    // Where each reader is now.
    private async Task LookAsync(LedgerCluster cluster)
    {
        foreach (var name in Projections)
        {
            var shown = (await cluster.Http.GetAsync($"/api/projections/{name}")).Is(HttpStatusCode.OK).Json;
            foreach (var partition in shown["builds"]![0]!["reader"]!["partitions"]!.AsArray())
            {
                if ((string?)partition!["silo"] is not { } silo) continue;
                _silos.GetOrAdd((name, (int)partition["partition"]!), static _ => []).Add(silo);
            }
        }
    }
}
