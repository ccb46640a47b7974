using System.Runtime.CompilerServices;
using Granary.Runtime;

namespace Granary.Tests.Integration;

/// <summary>
/// A store in memory whose readers of streams and of the log wait, or fail, before an event, when the test sets that.
/// Heads and commits never wait.
/// </summary>
internal sealed class HeldStore : IEventStore
{
    private readonly MemoryEventStore _inner = new(1, new MemorySnapshotStore());
    private readonly SemaphoreSlim _reached = new(0);
    private TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _holdBefore = int.MaxValue;
    private int _failBefore = int.MaxValue;

    public int PartitionCount => _inner.PartitionCount;

    /// <summary>Readers wait before the event of this number of their read, from 1.</summary>
    public void HoldBefore(int number) => Volatile.Write(ref _holdBefore, number);

    /// <summary>Readers fail before the event of this number of their read, from 1.</summary>
    public void FailBefore(int number) => Volatile.Write(ref _failBefore, number);

    /// <summary>Completes when so many readers wait.</summary>
    public async Task HeldAsync(int readers)
    {
        for (; readers > 0; readers--) await _reached.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Lets all readers continue, and later ones too.</summary>
    public void Release()
    {
        HoldBefore(int.MaxValue);
        Interlocked.Exchange(ref _released, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken) =>
        _inner.InitializeAsync(cancellationToken);

    public ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken) =>
        _inner.CommitAsync(batch, cancellationToken);

    public ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        _inner.ReadHeadAsync(stream, cancellationToken);

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken) =>
        HoldAsync(_inner.ReadStreamAsync(stream, after, cancellationToken), cancellationToken);

    // Each page is one event, whose number is its position: a read begins at the start of the log.
    public async ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        await PassAsync((int)after.Position.Value + 1, cancellationToken);
        return await _inner.ReadLogAsync(after, filter, 1, cancellationToken);
    }

    public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken) =>
        _inner.TruncateAsync(truncation, cancellationToken);

    public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) =>
        _inner.ScrubAsync(eventsMax, cancellationToken);

    private async IAsyncEnumerable<RecordedEvent> HoldAsync(
        IAsyncEnumerable<RecordedEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 0;
        await foreach (var recorded in events)
        {
            await PassAsync(++number, cancellationToken);
            yield return recorded;
        }
    }

    private async Task PassAsync(int number, CancellationToken cancellationToken)
    {
        if (number >= Volatile.Read(ref _failBefore)) throw new StoreUnavailableException("Held back.");
        if (number != Volatile.Read(ref _holdBefore)) return;
        var released = Volatile.Read(ref _released).Task;
        _reached.Release();
        await released.WaitAsync(cancellationToken);
    }
}
