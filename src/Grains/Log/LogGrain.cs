using Granary.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Concurrency;

namespace Granary.Grains;

/// <summary>
/// Reads the store in the silo that the call arrives at. Its calls interleave: a head is answered while pages are read,
/// however many.
/// </summary>
[StatelessWorker(1), Reentrant, GrainType("granary.log")]
internal sealed class LogGrain(IEventStore store, TimeProvider time, IServiceProvider services) : Grain, ILogGrain
{
    private readonly ILogTail? _tail = services.GetService<ILogTail>() ?? store as ILogTail;

    private readonly CancellationToken _stopping =
        services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;

    public Task<int> GetPartitionCount() => Task.FromResult(store.PartitionCount);

    public async Task<EventPage> ReadLog(LogPosition after, int limit, CancellationToken cancellationToken)
    {
        CheckLimit(limit);
        return await store.ReadLogForwardAsync(after, limit, cancellationToken);
    }

    public async Task<LogPage> ReadLogPage(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        CheckLimit(limit);
        return await store.ReadLogAsync(after, filter, limit, cancellationToken);
    }

    public async Task<IReadOnlyList<LogPartition>> WaitForMore(
        IReadOnlyList<LogPosition> after, TimeSpan max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(max, TimeSpan.FromMilliseconds(GranaryLimits.LogWaitMaxMs));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stopping, cancellationToken);
        try
        {
            if (_tail is not null) return await _tail.WaitAnyAsync(after, max, time, stop.Token);
            await Task.Delay(max, time, stop.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The waiter asks a silo that remains.
        }

        return [];
    }

    public async Task<StreamHead> ReadHead(StreamName stream, CancellationToken cancellationToken) =>
        await store.ReadHeadAsync(stream, cancellationToken);

    public async Task<EventPage> ReadStream(
        StreamName stream, StreamVersion from, int limit, ReadDirection direction, CancellationToken cancellationToken)
    {
        CheckLimit(limit);
        return direction == ReadDirection.Forward
            ? await store.ReadStreamForwardAsync(stream, from, limit, cancellationToken)
            : await store.ReadStreamBackwardAsync(stream, from, limit, cancellationToken);
    }

    private static void CheckLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, GranaryLimits.PageSizeMax);
    }
}
