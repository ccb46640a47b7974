using System.Text;
using Azure.Core.Pipeline;
using Granary.Storage.AzureStorage;

namespace Granary.Tests.Conformance.Azure;

/// <summary>A test of what only the store on Azure Storage has, with data of its own.</summary>
public abstract class AzureTest : IAsyncLifetime
{
    private readonly List<AzureEventStore> _stores = [];
    private int _ids;

    protected static DateTimeOffset Noon { get; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected AzureThreePartitions Data { get; } = new();

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Data.SkipReason is not null, Data.SkipReason ?? "");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
        await Data.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens the store once more, as another process would.</summary>
    private protected async Task<AzureEventStore> OpenAsync(
        Requests? requests = null, int retryBudgetMs = 10_000, TimeProvider? time = null)
    {
        // Drops the data in the end.
        if (_stores.Count == 0) await Data.OpenAsync();
        var options = Data.Options;
        options.RetryBudgetMs = retryBudgetMs;
        if (requests is not null) options.Transport = new HttpClientTransport(new HttpClient(requests));
        var store = new AzureEventStore(options, time: time);
        _stores.Add(store);
        await store.InitializeAsync(Token);
        return store;
    }

    private protected Guid NextId() => new(Interlocked.Increment(ref _ids), 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 1);

    private protected Append Append(StreamName stream, ExpectedVersion expected, params string[] texts) => new(
        stream, expected, new(NextId()),
        [.. texts.Select(text => new NewEvent(NextId(), "order.changed", Encoding.UTF8.GetBytes(text)))]);

    private protected static async Task<AppendResult> CommitAsync(AzureEventStore store, Append append) =>
        await store.CommitAsync(append, Noon, Token);

    private protected static async Task<string[]> LogAsync(AzureEventStore store, LogPartition partition)
    {
        var texts = new List<string>();
        await foreach (var one in store.ReadLogAsync(LogPosition.StartOf(partition), Token))
            texts.Add(Encoding.UTF8.GetString(one.Payload.Span));
        return [.. texts];
    }

    /// <summary>The first so many streams of a partition.</summary>
    private protected static StreamName[] StreamsIn(AzureEventStore store, LogPartition partition, int count) =>
        [.. Enumerable.Range(0, int.MaxValue).Select(static at => new StreamName("order", $"{at}"))
            .Where(stream => store.PartitionOf(stream) == partition).Take(count)];
}
