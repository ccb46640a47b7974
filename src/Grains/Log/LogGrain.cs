using Granary.Contracts;
using Orleans.Concurrency;

namespace Granary.Grains;

/// <summary>Reads the store in the silo that the call arrives at.</summary>
[StatelessWorker]
internal sealed class LogGrain(IEventStore store) : Grain, ILogGrain
{
    public Task<int> GetPartitionCount() => Task.FromResult(store.PartitionCount);

    public async Task<IReadOnlyList<RecordedEvent>> ReadLog(LogPosition after, int limit)
    {
        CheckLimit(limit);
        return await store.ReadLogForwardAsync(after, limit, CancellationToken.None);
    }

    public async Task<StreamHead> ReadHead(StreamName stream) =>
        await store.ReadHeadAsync(stream, CancellationToken.None);

    public async Task<IReadOnlyList<RecordedEvent>> ReadStream(
        StreamName stream, StreamVersion from, int limit, ReadDirection direction)
    {
        CheckLimit(limit);
        return direction == ReadDirection.Forward
            ? await store.ReadStreamForwardAsync(stream, from, limit, CancellationToken.None)
            : await store.ReadStreamBackwardAsync(stream, from, limit, CancellationToken.None);
    }

    private static void CheckLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, GranaryLimits.PageSizeMax);
    }
}
