using Granary.Contracts;
using Granary.Runtime;
using Granary.Testing;

namespace Granary.Tests.Unit.Ledger;

/// <summary>A ledger with transfers in a cluster, whose store fails on command.</summary>
internal sealed class Bank : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private Bank(GranaryTestCluster cluster, ScriptedEventStore store) => (Cluster, Store) = (cluster, store);

    public GranaryTestCluster Cluster { get; }

    public ScriptedEventStore Store { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Bank> StartAsync(
        ScriptedEventStore? store = null, IModelStore? models = null, int? retryMs = null)
    {
        store ??= new ScriptedEventStore(new MemoryEventStore());
        var cluster = await GranaryTestCluster.StartAsync(new()
        {
            Store = store,
            Models = models,
            Configure = (_, granary) => granary.AddGranaryGrains().AddGranaryLedger()
                .ConfigureJournal(journal => journal.RetryTimeoutMs = retryMs ?? journal.RetryTimeoutMs),
        });
        return new Bank(cluster, store);
    }

    public IAccountGrain Account(string id) => Cluster.Grains.GetGrain<IAccountGrain>(id);

    public ITransferGrain Transfer(string id) => Cluster.Grains.GetGrain<ITransferGrain>(id);

    public async Task OpenAsync(string id, decimal amount, string currency = "EUR")
    {
        Assert.Null((await Account(id).Open(new("Ada", currency, 0, "open"))).Refusal);
        if (amount > 0) Assert.Null((await Account(id).Deposit(new(amount, currency, "first"))).Refusal);
    }

    public Task<TransferAnswer> RequestAsync(string id, string from, string to, decimal amount) =>
        Transfer(id).Request(new(from, to, amount, id));

    public async Task<decimal> BalanceAsync(string id) => (await Account(id).Get()).Balance;

    /// <summary>The transfer once it has ended.</summary>
    public async Task<TransferView> EndedAsync(string id)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var view = await Transfer(id).Get();
            if (view.Status is TransferStatus.Completed or TransferStatus.Rejected or TransferStatus.Refunded)
                return view;
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < Patience, $"It is still {view.Status}.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Token);
        }
    }

    public StoreHold HoldAt(string type) => Store.HoldAfter(type);

    public async Task<IReadOnlyList<RecordedEvent>> Log()
    {
        var all = new List<RecordedEvent>();
        await foreach (var one in Store.ReadLogAsync(default, Token)) all.Add(one);
        return all;
    }

    public async Task<IReadOnlyList<string>> TypesAsync(string transfer) =>
        [.. (await Log()).Where(one => one.Stream == new StreamName("transfer", transfer)).Select(one => one.Type)];

    /// <summary>Hands an event to its process once more, as a reader does that begins anew.</summary>
    public async Task RedeliverAsync(RecordedEvent recorded)
    {
        if (recorded.Stream.Category != "transfer") return;
        await Cluster.Grains.GetGrain<IProcessGrain>(GrainId.Create("transfer", recorded.Stream.Key))
            .Handle(recorded, Token);
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
