using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>
/// The customers of a bank: accounts with an opening deposit, and transfers between them, each with an amount of its
/// own. Some go to an account that is being closed.
/// </summary>
[SuppressMessage("Security", "CA5394", Justification = "The load is to be repeatable, not secret.")]
internal sealed class Bank(LedgerHttp http, int seed) : IDisposable
{
    /// <summary>What is paid in to each account; no transfer has this amount.</summary>
    public const decimal Opening = 2000m;

    public const int Accounts = 50;

    // A prime: amounts are different until there were so many. Some are more than an account has.
    private const int CentsMax = 99_991;
    private const int Multiplier = 7_919;
    private const int OneOfIsClosing = 8;
    private const int OneOfIsRepeated = 5;

    private readonly ConcurrentQueue<SentTransfer> _sent = new();
    private readonly SemaphoreSlim _answered = new(0);
    private int _number;
    private int _closing;

    /// <summary>The transfers that were accepted.</summary>
    public IReadOnlyCollection<SentTransfer> Sent => _sent;

    public async Task OpenAsync()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, Accounts), TestContext.Current.CancellationToken,
            async (number, _) =>
            {
                await OpenAsync(number, Name(number));
                (await http.PostAsync(
                    number, $"/api/accounts/{Name(number)}/deposits",
                    new JsonObject { ["amount"] = Opening, ["currency"] = "EUR" }, "opening")).Is(HttpStatusCode.OK);
            });
    }

    /// <summary>One customer after the other's request, until it is stopped; a request is finished.</summary>
    public async Task RunAsync(int customer, CancellationToken stop)
    {
        var random = new Random((seed * 31) + customer);
        await Task.Yield();
        while (!stop.IsCancellationRequested)
        {
            if (random.Next(OneOfIsClosing) == 0) await TransferToClosingAsync(random);
            else await TransferAsync(random, Name(random.Next(Accounts)));
        }
    }

    /// <summary>Waits until so many further requests were answered.</summary>
    public async Task WaitAsync(int requests, Task[] customers)
    {
        for (var count = 0; count < requests; count++)
        {
            var answered = _answered.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            var first = await Task.WhenAny([answered, .. customers]);
            await first;
            Assert.True(first == answered && await answered, "No transfer was answered for a minute.");
        }
    }

    public void Dispose() => _answered.Dispose();

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"a{number}");

    private async Task TransferToClosingAsync(Random random)
    {
        var to = string.Create(CultureInfo.InvariantCulture, $"closing-{Interlocked.Increment(ref _closing)}");
        await OpenAsync(random.Next(), to);
        await TransferAsync(random, to);
        var closed = await http.PostAsync(random.Next(), $"/api/accounts/{to}/close", new JsonObject(), "close");
        if (closed.Status != HttpStatusCode.OK)
            Assert.Equal("not-empty", (string?)closed.IsProblem(HttpStatusCode.Conflict)["code"]);
    }

    private async Task TransferAsync(Random random, string to)
    {
        var from = Name(random.Next(Accounts));
        if (from == to) return;
        var number = Interlocked.Increment(ref _number);
        Assert.True(number < CentsMax, "There is no amount left that no transfer had.");
        var amount = (((long)number * Multiplier) + seed) % CentsMax / 100m;
        if (amount <= 0) return;
        var body = new JsonObject { ["from"] = from, ["to"] = to, ["amount"] = amount };
        var key = string.Create(CultureInfo.InvariantCulture, $"transfer-{number}");
        var answer = (await http.PostAsync(random.Next(), "/api/transfers", body, key)).Is(HttpStatusCode.Accepted);
        var id = (string)answer.Json["id"]!;
        if (random.Next(OneOfIsRepeated) == 0)
        {
            var again = (await http.PostAsync(random.Next(), "/api/transfers", body, key)).Is(HttpStatusCode.Accepted);
            Assert.Equal(id, (string?)again.Json["id"]);
        }

        _sent.Enqueue(new SentTransfer(id, from, to, amount));
        _answered.Release();
    }

    private async Task OpenAsync(int choice, string account) => (await http.PostAsync(
        choice, $"/api/accounts/{account}", new JsonObject { ["owner"] = "Ada", ["currency"] = "EUR" }, "open"))
        .Is(HttpStatusCode.Created);
}

/// <summary>A transfer that was accepted.</summary>
internal sealed record SentTransfer(string Id, string From, string To, decimal Amount);
