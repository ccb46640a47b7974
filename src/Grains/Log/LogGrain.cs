using Granary.Contracts;
using Orleans.Concurrency;

namespace Granary.Grains;

/// <summary>
/// Reads the store in the silo that the call arrives at. Its calls interleave: a head is answered while pages are read,
/// however many.
/// </summary>
[StatelessWorker(1), Reentrant, GrainType("granary.log")]
internal sealed class LogGrain(IEventStore store) : Grain, ILogGrain
{
    public Task<int> GetPartitionCount() => Task.FromResult(store.PartitionCount);

    public async Task<EventPage> ReadLog(LogPosition after, int limit, CancellationToken cancellationToken)
    {
        CheckLimit(limit);
        return await store.ReadLogForwardAsync(after, limit, cancellationToken);
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
