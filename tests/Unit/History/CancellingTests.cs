using System.Runtime.CompilerServices;
using Granary.Client;
using Granary.Contracts;
using Granary.Runtime;
using Granary.Tests.Unit.Appending;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Granary.Tests.Unit.History;

/// <summary>A read that its caller cancels ends at the store too, not only for the caller.</summary>
public sealed class CancellingTests : IAsyncLifetime
{
    private static readonly StreamName Stream = new("orders", "1");

    private readonly EndlessStore _store = new();
    private InProcessTestCluster _cluster = null!;
    private IGranaryClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IEventStore>(_store);
            silo.Services.AddSingleton<ISnapshotStore>(new MemorySnapshotStore());
            silo.AddGranary().AddGranaryGrains();
        });
        builder.ConfigureClient(static client => client.Services.AddGranaryClient());
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        _client = _cluster.Client.ServiceProvider.GetRequiredService<IGranaryClient>();
        await _client.AppendAsync(Stream, new StreamAppend([new StreamEvent("placed", "{}"u8.ToArray())]), Token);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Every_read_that_is_cancelled_ends_at_the_store()
    {
        var grain = _cluster.Client.GetGrain<IEventStreamGrain>(Stream.ToString()).AsReference<IHistoryExtension>();
        Dictionary<string, Func<CancellationToken, Task>> reads = new()
        {
            ["head"] = token => _client.ReadHeadAsync(Stream, token),
            ["stream"] = token => _client.ReadStreamAsync(Stream, default, 10, ReadDirection.Forward, token),
            ["log"] = token => _client.ReadLogAsync(LogPosition.StartOf(default), 10, token),
            ["state"] = token => _client.ReadStateAsync(Stream, token),
            ["version"] = token => _client.ReadStateAsync(Stream, new StreamVersion(1), token),
            ["instant"] = token => _client.ReadStateAsync(Stream, DateTimeOffset.MaxValue, token),
            ["grain's head"] = token => grain.ReadHead(token),
            ["grain's events"] = token => grain.ReadEvents(default, 10, ReadDirection.Forward, token),
        };
        foreach (var (name, read) in reads) await AssertEndsAsync(name, read);
    }

    private async Task AssertEndsAsync(string name, Func<CancellationToken, Task> read)
    {
        var held = _store.HoldReads();
        using var cancelling = new CancellationTokenSource();
        var reading = read(cancelling.Token);
        await held.Began.Task.WaitAsync(GateStore.Patience, Token);
        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.True(await EndsAsync(held), $"The read of the {name} does not end.");
    }

    private static async Task<bool> EndsAsync(HeldReads held)
    {
        try
        {
            await held.Ended.Task.WaitAsync(GateStore.Patience, Token);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            held.Released.TrySetResult();
        }
    }

    private sealed class HeldReads
    {
        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Began { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>A store whose held reads end when they are cancelled or released, and not before.</summary>
    private sealed class EndlessStore : IEventStore
    {
        private readonly MemoryEventStore _inner = new();

        private volatile HeldReads? _held;

        public int PartitionCount => 1;

        /// <summary>From now on reads do not end.</summary>
        public HeldReads HoldReads() => _held = new HeldReads();

        public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult(new StoreDescription(Uuid7.New(TimeProvider.System), 1, StoreLimits.Largest));

        public ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken) =>
            _inner.CommitAsync(batch, cancellationToken);

        public async ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken)
        {
            await WaitAsync(cancellationToken);
            return await _inner.ReadHeadAsync(stream, cancellationToken);
        }

        public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
            StreamName stream, StreamVersion after, CancellationToken cancellationToken) =>
            AfterWaiting(_inner.ReadStreamAsync(stream, after, cancellationToken), cancellationToken);

        public async ValueTask<LogPage> ReadLogAsync(
            LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
        {
            await WaitAsync(cancellationToken);
            return await _inner.ReadLogAsync(after, filter, limit, cancellationToken);
        }

        public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken) =>
            _inner.TruncateAsync(truncation, cancellationToken);

        public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) =>
            _inner.ScrubAsync(eventsMax, cancellationToken);

        private async IAsyncEnumerable<RecordedEvent> AfterWaiting(
            IAsyncEnumerable<RecordedEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await WaitAsync(cancellationToken);
            await foreach (var recorded in events.WithCancellation(cancellationToken)) yield return recorded;
        }

        private async Task WaitAsync(CancellationToken cancellationToken)
        {
            if (_held is not { } held) return;
            held.Began.TrySetResult();
            try
            {
                await held.Released.Task.WaitAsync(cancellationToken);
            }
            finally
            {
                held.Ended.TrySetResult();
            }
        }
    }
}
