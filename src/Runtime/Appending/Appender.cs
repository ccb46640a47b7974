using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Granary.Runtime;

/// <summary>One writer a partition of the log, each committing whatever waits for it as one transaction.</summary>
internal sealed class Appender(
    IEventStore store,
    IOptions<AppenderOptions> options,
    GranaryMetrics metrics,
    TimeProvider time,
    ILogger<Appender> logger) : IAppender, ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private PartitionWriter[]? _writers;

    public async ValueTask<AppendResult> AppendAsync(Append append, CancellationToken cancellationToken)
    {
        using var activity = GranaryTracing.StartAppend(append);
        var pending = new PendingAppend(append, time.GetTimestamp());
        await Writers()[store.PartitionOf(append.Stream).Value].EnqueueAsync(pending, cancellationToken);
        if (!cancellationToken.CanBeCanceled) return await pending.Answer;
        await using var withdrawal = cancellationToken.UnsafeRegister(
            static (state, token) => ((PendingAppend)state!).TryWithdraw(token), pending);
        return await pending.Answer;
    }

    /// <summary>
    /// The store is made ready before any grain runs, and drained after all of them have been deactivated: what they still
    /// raised then is stored too.
    /// </summary>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(Appender),
        ServiceLifecycleStage.RuntimeStorageServices,
        async token => await store.InitializeAsync(token),
        _ => DrainAsync());

    public async ValueTask DisposeAsync() => await DrainAsync();

    private Task DrainAsync() => Task.WhenAll(Writers().Select(static writer => writer.DrainAsync()));

    private PartitionWriter[] Writers()
    {
        if (Volatile.Read(ref _writers) is { } existing) return existing;
        lock (_lock)
        {
            return _writers ??= Enumerable.Range(0, store.PartitionCount)
                .Select(at => new PartitionWriter(new(at), store, options.Value, metrics, time, logger))
                .ToArray();
        }
    }
}
