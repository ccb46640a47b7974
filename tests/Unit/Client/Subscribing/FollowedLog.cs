using System.Threading.Channels;
using Granary.Client;
using Granary.Runtime;

namespace Granary.Tests.Unit.Client.Subscribing;

/// <summary>
/// A log in memory as a subscription sees it: its reads are counted, and fail or wake as the test says.
/// </summary>
internal sealed class FollowedLog(int partitionCount, TimeProvider time) : ILogSource
{
    private readonly Channel<bool> _waits = Channel.CreateUnbounded<bool>();
    private int _reads;

    public MemoryEventStore Store { get; } = new(partitionCount);

    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Whether the tail wakes nobody.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>Whether the tail says of every partition that it has grown, at once.</summary>
    public bool WakesAlways { get; set; }

    /// <summary>What the next reads fail with.</summary>
    public Queue<Exception> ReadFaults { get; } = [];

    /// <summary>What the next waits fail with.</summary>
    public Queue<Exception> WaitFaults { get; } = [];

    public LogFollower Follow(string? from = null, LogFilter? filter = null) => new(
        this, from is null ? LogPositions.StartOf(partitionCount) : LogPositions.Parse(from), filter ?? LogFilter.All,
        time);

    public async Task<LogPosition> AppendAsync(StreamName stream, string type = "made", int size = 2)
    {
        var append = new Append(
            stream, ExpectedVersion.Any, AppendId.New(TimeProvider.System),
            [new NewEvent(TimeProvider.System, type, new byte[size])]);
        var result = await Store.CommitAsync(append, TimeProvider.System.GetUtcNow(), CancellationToken.None);
        return result.Position;
    }

    /// <summary>A stream of a partition.</summary>
    public StreamName StreamOf(int partition, string category = "things") => Enumerable.Range(0, 1_000)
        .Select(number => new StreamName(category, $"{number}"))
        .First(one => Store.PartitionOf(one).Value == partition);

    /// <summary>Completes when the subscription waits for more.</summary>
    public ValueTask<bool> WaitsAsync() => _waits.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public ValueTask<int> GetPartitionCountAsync(CancellationToken cancellationToken) => new(partitionCount);

    public ValueTask<LogPage> ReadPageAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        return ReadFaults.TryDequeue(out var fault)
            ? throw fault
            : Store.ReadLogAsync(after, filter, limit, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<LogPartition>> WaitForMoreAsync(
        IReadOnlyList<LogPosition> after, TimeSpan max, CancellationToken cancellationToken)
    {
        if (WaitFaults.TryDequeue(out var fault)) throw fault;
        if (WakesAlways) return [.. after.Select(static one => one.Partition)];
        var wait = IsDeaf
            ? new StoreLogSource(Store, null, time).WaitForMoreAsync(after, max, cancellationToken)
            : new StoreLogSource(Store, Store, time).WaitForMoreAsync(after, max, cancellationToken);
        _waits.Writer.TryWrite(true);
        return await wait;
    }
}
