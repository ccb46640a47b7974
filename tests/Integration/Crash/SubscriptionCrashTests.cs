using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>In files.</summary>
public sealed class SqliteSubscriptionCrashTests() : SubscriptionCrashTests(kills: 6)
{
    protected override string[] CreateStore() => [];
}

/// <summary>In a storage account.</summary>
public sealed class AzureSubscriptionCrashTests() : SubscriptionCrashTests(kills: 3)
{
    protected override string? SkipReason => AzuriteServer.SkipReason;

    protected override string[] CreateStore() => AzureStoreSettings.New(partitions: 1);
}

/// <summary>
/// Consumers share a durable subscription while the silo is killed and while some of them vanish with their leases:
/// every event is handed out in order until it is acknowledged, and never after that.
/// </summary>
public abstract class SubscriptionCrashTests(int kills) : IDisposable
{
    private const int Streams = 8;
    private const int EventsPerStream = 60;
    private const int ConsumerCount = 5;
    private const string Mailer = "/api/subscriptions/mailer";

    private readonly TempFolder _data = new();
    private readonly ConcurrentDictionary<(string Stream, long Version), bool> _sent = new();
    private readonly ConcurrentDictionary<(string Stream, long Version), bool> _acknowledged = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly SemaphoreSlim _progressed = new(0);
    private volatile SiloProcess? _silo;

    /// <summary>Why the store's server is not there; null where it is.</summary>
    protected virtual string? SkipReason => null;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_is_never_handed_out_again_and_order_within_a_stream_is_kept()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var store = CreateStore();
        var random = new Random(Randomness.Seed("subscription crash rounds"));
        _silo = await SiloProcess.StartAsync(_data.Path, store);
        try
        {
            var settings = new StringContent(
                """{"categories":["orders"],"leaseMs":1000,"triesMax":1000,"retryDelayMs":50}""", null, Api.Json);
            (await _silo.Api.SendAsync(HttpMethod.Put, Mailer, settings)).Is(HttpStatusCode.Created);
            for (var version = 1; version <= EventsPerStream; version++) await AppendToAllAsync(_silo.Api);
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var consumers = Enumerable.Range(0, ConsumerCount)
                .Select(_ => ConsumeAsync(new Random(random.Next()), stopping.Token)).ToArray();
            for (var kill = 0; kill < kills; kill++)
            {
                for (var count = random.Next(10, 40); count > 0; count--)
                    Assert.True(await _progressed.WaitAsync(TimeSpan.FromMinutes(2), Token));
                var killed = _silo;
                _silo = null;
                await killed.KillAsync();
                await killed.DisposeAsync();
                _silo = await SiloProcess.StartAsync(_data.Path, store);
            }

            await DoneAsync(_silo.Api);
            await stopping.CancelAsync();
            await Task.WhenAll(consumers);
            Assert.Empty(_faults);
            Assert.Equal(Streams * EventsPerStream, _sent.Count);
            Assert.Empty((await _silo.Api.PostAsync($"{Mailer}/next", "{}")).Json["events"]!.AsArray());
        }
        finally
        {
            if (_silo is not null) await _silo.DisposeAsync();
        }
    }

    public void Dispose()
    {
        _data.Dispose();
        _progressed.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The settings of a new store.</summary>
    protected abstract string[] CreateStore();

    private static async Task AppendToAllAsync(Api api)
    {
        for (var at = 0; at < Streams; at++)
            (await api.PostAsync($"/api/streams/orders/{at}", """{"type":"placed"}""")).Is(HttpStatusCode.Created);
    }

    // One in eight times it vanishes with what it has; one in eight it refuses.
    private async Task ConsumeAsync(Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            // What is acknowledged while the answer is on its way, or waits here, was handed out before.
            var acknowledged = _acknowledged.Keys.ToHashSet();
            if (await CallAsync("next", new JsonObject { ["limit"] = 3, ["waitMs"] = 500 }) is not { } answer) continue;
            foreach (var one in answer["events"]!.AsArray())
            {
                Check(one!, acknowledged);
                switch (random.Next(8))
                {
                    case 0: break;
                    case 1: await CallAsync("nack", Lease(one!)); break;
                    default: await AckAsync(one!); break;
                }
            }
        }
    }

    // Until the checkpoint has passed every event.
    private async Task DoneAsync(Api api)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (_faults.IsEmpty && (long)(await api.GetAsync(Mailer)).Is(HttpStatusCode.OK).Json["lag"]! > 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    // All events before it were sent an acknowledgement, and it had none that was answered.
    private void Check(JsonNode delivery, HashSet<(string Stream, long Version)> acknowledged)
    {
        var (stream, version) = Name(delivery);
        if (acknowledged.Contains((stream, version))) _faults.Enqueue($"{stream}:{version} came again.");
        for (var before = 1; before < version; before++)
        {
            if (!_sent.ContainsKey((stream, before)))
                _faults.Enqueue($"{stream}:{version} came before {before} was acknowledged.");
        }
    }

    private async Task AckAsync(JsonNode delivery)
    {
        var name = Name(delivery);
        _sent[name] = true;
        var answer = await CallAsync("ack", Lease(delivery));
        if (answer is null || (int)answer["ended"]! != 1) return;
        _acknowledged[name] = true;
        _progressed.Release();
    }

    private static JsonObject Lease(JsonNode delivery) =>
        new() { ["leases"] = new JsonArray(delivery["lease"]!.DeepClone()) };

    private static (string Stream, long Version) Name(JsonNode delivery) =>
        ((string)delivery["event"]!["stream"]!, (long)delivery["event"]!["version"]!);

    // Null where the silo is gone, or does not answer now.
    private async Task<JsonNode?> CallAsync(string call, JsonObject body)
    {
        if (_silo is not { } silo)
        {
            await Task.Yield();
            return null;
        }

        try
        {
            var answer = await silo.Api.PostAsync($"{Mailer}/{call}", body);
            if (answer.Status == HttpStatusCode.ServiceUnavailable) return null;
            return answer.Is(HttpStatusCode.OK).Json;
        }
        catch (Exception fault) when (fault is HttpRequestException or ObjectDisposedException
            or OperationCanceledException)
        {
            return null;
        }
    }
}
