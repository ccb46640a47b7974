using System.Globalization;
using Granary.Runtime;
using Granary.Storage.AzureStorage;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Granary.Tests.Conformance.Azure.Faults;

/// <summary>
/// Several processes write through a proxy that loses answers, delays, refuses and resets at random: nothing is lost,
/// nothing is there twice, and every answer is true.
/// </summary>
public sealed class AzureFaultProxyTests : IAsyncLifetime
{
    private const string SeedVariable = "GRANARY_SEED";
    private const int Partitions = 16, StreamsEach = 3;
    private const int HarmedPercent = 12;

    // Of the processes that commit by themselves, and of the silos that send each other their commits.
    private const int DirectCommits = 8_000, RoutedCommits = 2_000;
    private const int WritersEach = 16;
    private const int Faster = 20;
    private const int StartsMax = 100;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromMilliseconds(400);

    private readonly int _seed = int.TryParse(
        Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out var seed)
        ? seed
        : (int)(TimeProvider.System.GetTimestamp() & int.MaxValue);

    private readonly AzureManyPartitions _data = new();
    private readonly List<AzureEventStore> _stores = [];
    private FaultProxy _tables = null!;
    private FaultProxy _blobs = null!;
    private StreamName[][] _streams = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(_data.SkipReason is not null, _data.SkipReason ?? "");
        TestContext.Current.TestOutputHelper?.WriteLine($"{SeedVariable}={_seed}");
        var account = ConnectionParts(AzuriteServer.ConnectionString);
        _tables = await StartProxyAsync(account["TableEndpoint"], 1);
        _blobs = await StartProxyAsync(account["BlobEndpoint"], 2);
        var store = (await _data.OpenAsync()).Events;
        _streams = [.. Enumerable.Range(0, int.MaxValue).Select(static at => new StreamName("order", $"{at}"))
            .Take(Partitions * StreamsEach * 8).GroupBy(store.PartitionOf).OrderBy(static one => one.Key.Value)
            .Select(static one => one.Take(StreamsEach).ToArray())];
        Assert.Equal(Partitions, _streams.Length);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
        if (_tables is not null) await _tables.DisposeAsync();
        if (_blobs is not null) await _blobs.DisposeAsync();
        await _data.DisposeAsync();
    }

    [Fact]
    public async Task Processes_that_commit_by_themselves_lose_and_double_nothing()
    {
        // One of them gives up soon: what it has sent is not to land after that, but with the same id.
        var (patient, impatient) = (await OpenAsync(retryBudgetMs: 60_000), await OpenAsync(retryBudgetMs: 100));
        Writer[] writers = [.. Writers("patient", patient.CommitAsync), .. Writers("impatient", impatient.CommitAsync)];

        await RunAsync(writers, DirectCommits);

        Assert.True(writers.Sum(static one => one.Again) > 0);
        foreach (var harm in Enum.GetValues<Harm>()) Assert.True(_tables.Done.ContainsKey(harm), $"{harm}");
    }

    [Fact]
    public async Task Silos_that_send_each_other_their_commits_lose_and_double_nothing()
    {
        await using var cluster = await StartClusterAsync();
        Writer[] writers = [.. cluster.Silos.SelectMany((silo, at) =>
        {
            var appender = silo.ServiceProvider.GetRequiredService<IAppender>();
            return Writers($"silo {at}", async appends => await Task.WhenAll(
                appends.Select(append => appender.AppendAsync(append, Token).AsTask())));
        })];

        await RunAsync(writers, RoutedCommits);
    }

    private async Task RunAsync(Writer[] writers, int commits)
    {
        var share = commits / writers.Length;
        await Task.WhenAll(writers.Select(writer => Task.Run(() => writer.RunAsync(share), Token)));
        await Task.WhenAll(_tables.DrainAsync(), _blobs.DrainAsync());
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", _tables.Done.OrderBy(static one => one.Key)
            .Select(static one => $"{one.Key} {one.Value}")) + $"; again {writers.Sum(static one => one.Again)}");
        var store = (await _data.OpenAsync()).Events;
        await Witness.CheckAsync(store, writers, _streams.SelectMany(static one => one), Token);
    }

    private IEnumerable<Writer> Writers(string process, Func<AppendBatch, CancellationToken, ValueTask> commitAsync) =>
        Writers(process, async appends =>
        {
            var partition = LogPartition.Of(appends[0].Stream, Partitions);
            var batch = new AppendBatch(partition, TimeProvider.System.GetUtcNow(), appends);
            await commitAsync(batch, Token);
            return [.. batch.Results];
        });

    // Each has a partition that it likes best, and so has one of each process: some commits meet, and most do not.
    private IEnumerable<Writer> Writers(string process, Func<Append[], Task<AppendResult[]>> commitAsync)
    {
        var first = process.Sum(static letter => letter);
        return Enumerable.Range(0, WritersEach).Select(at => new Writer(
            $"{process} {at}", _seed + first * WritersEach + at,
            [.. _streams.Skip((first + at) % Partitions), .. _streams.Take((first + at) % Partitions)], commitAsync));
    }

    private async Task<AzureEventStore> OpenAsync(int retryBudgetMs)
    {
        var options = new AzureStoreOptions { RetryBudgetMs = retryBudgetMs };
        Configure(options);
        var store = new AzureEventStore(options, null, new FastClock(Faster));
        _stores.Add(store);

        // A process that gives up soon may give up to open it, and is started again.
        for (var tries = 1; ; tries++)
        {
            try
            {
                await store.InitializeAsync(Token);
                return store;
            }
            catch (StoreUnavailableException) when (tries < StartsMax)
            {
            }
        }
    }

    private async Task<InProcessTestCluster> StartClusterAsync()
    {
        var builder = new InProcessTestClusterBuilder(initialSilosCount: 2);
        builder.ConfigureSilo((_, silo) => silo.AddGranary().UseAzureStorage(Configure));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private void Configure(AzureStoreOptions options)
    {
        var account = ConnectionParts(AzuriteServer.ConnectionString);
        (account["TableEndpoint"], account["BlobEndpoint"]) = ($"{_tables.Address}", $"{_blobs.Address}");
        options.ConnectionString = string.Join(';', account.Select(static one => $"{one.Key}={one.Value}"));
        (options.Name, options.PartitionCount) = (_data.Options.Name, Partitions);
        options.RequestTimeoutMs = (int)RequestTimeout.TotalMilliseconds;
    }

    private Task<FaultProxy> StartProxyAsync(string target, int number) => FaultProxy.StartAsync(
        new Uri(target), _seed + number, HarmedPercent, RequestTimeout, TimeProvider.System);

    private static Dictionary<string, string> ConnectionParts(string text) => text
        .Split(';', StringSplitOptions.RemoveEmptyEntries).Select(static one => one.Split('=', 2))
        .ToDictionary(static one => one[0], static one => one[1]);
}
