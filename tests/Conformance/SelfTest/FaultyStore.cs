using System.Runtime.CompilerServices;

namespace Granary.Tests.Conformance.SelfTest;

/// <summary>What all instances of a <see cref="FaultyStore"/> share, as processes share a disk.</summary>
internal sealed class FaultyData(int partitions)
{
    public Lock Lock { get; } = new();

    public Guid Id { get; } = Uuid7.New(TimeProvider.System);

    public List<RecordedEvent>[] Log { get; } =
        Enumerable.Range(0, partitions).Select(static _ => new List<RecordedEvent>()).ToArray();

    /// <summary>How many positions hold no event, where the fault is to lose them.</summary>
    public long Lost { get; set; }

    /// <summary>The events that were cleared and are not scrubbed yet, those of the oldest clearing first.</summary>
    public List<RecordedEvent> Cleared { get; } = [];

    public List<Snapshot> Snapshots { get; } = [];

    public Dictionary<(string, LogPartition), Checkpoint> Checkpoints { get; } = [];

    public LogTailSignal Grown { get; } = new(partitions);

    public int Readers { get; set; }

    /// <summary>An event that is not shown although a later one is, until a reader has passed.</summary>
    public RecordedEvent? Hidden { get; set; }

    public TaskCompletionSource Passed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>
/// A store in memory that keeps every promise but one. It holds nothing but its log and searches it for everything,
/// which is slow and easy to follow.
/// </summary>
internal sealed partial class FaultyStore(FaultyData data, Fault fault) : IEventStore, ISnapshotStore, ICheckpointStore,
    ILogTail, IStreamCatalog
{
    private readonly HashSet<AppendId> _ownIds = [];
    private readonly Dictionary<StreamName, long> _ownHeads = [];
    private readonly Dictionary<StreamName, Snapshot> _ownSnapshots = [];
    private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private long _ownPositions;
    private DateTimeOffset _ownTime;
    private RecordedEvent[][]? _ownView;
    private readonly LogTailSignal _ownGrown = new(data.Log.Length);

    public int PartitionCount => data.Log.Length;

    public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken)
    {
        lock (data.Lock)
        {
            foreach (var log in data.Log)
            {
                if (fault == Fault.BeginsAnewAtEachStart) log.Clear();
                if (fault == Fault.ForgetsTruncationsAtOpening) BringBack(log);
                if (fault == Fault.LosesTheTailAtOpening && log.Count > 0) log.RemoveAt(log.Count - 1);
            }

            _ownView = data.Log.Select(static log => log.ToArray()).ToArray();
        }

        var id = fault switch
        {
            Fault.MakesAnIdAtEachStart => Uuid7.New(TimeProvider.System),
            Fault.HasTheIdOfEveryStore => Guid.AllBitsSet,
            _ => data.Id,
        };
        return ValueTask.FromResult(new StoreDescription(id, PartitionCount, StoreLimits.Largest));
    }

    public async ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        if (fault != Fault.WritesThoughCancelled) cancellationToken.ThrowIfCancellationRequested();
        if (fault is not (Fault.TakesStrays or Fault.StopsAtStrays)) ThrowIfStray(batch, batch.Appends);
        ThrowIfTooMuch(batch);
        if (fault == Fault.FailsWhenUsedAtOnce) await RunAloneAsync();
        bool hides;
        lock (data.Lock)
        {
            if (data.Readers > 0) throw new StoreUnavailableException("A reader is at work.");
            Commit(batch);
            Grow(batch.Partition);
            hides = data.Hidden is not null;
            _ownView = data.Log.Select(static log => log.ToArray()).ToArray();
        }

        if (hides) await data.Passed.Task;
    }

    // The first commit waits for another one, so that they meet whatever the scheduler does.
    private async Task RunAloneAsync()
    {
        if (Interlocked.Increment(ref _running) == 1)
        {
            await _met.Task;
            return;
        }

        _met.TrySetResult();
        throw new StoreUnavailableException("Another commit runs.");
    }

    public ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken)
    {
        if (fault != Fault.ReadsThoughCancelled) cancellationToken.ThrowIfCancellationRequested();
        lock (data.Lock)
        {
            var (events, end) = (Live(stream), End(stream));
            if (events.Count == 0 && fault == Fault.ForgetsThePartitionOfTheAbsent) end = default;
            var updated = fault == Fault.HeadHasTheFirstTime
                ? events.FirstOrDefault()?.Timestamp
                : events.LastOrDefault()?.Timestamp;
            return ValueTask.FromResult(events.Count == 0
                ? new StreamHead(stream, StreamVersion.Zero, end, null, null)
                : new StreamHead(
                    stream, events[^1].Version, end, CreatedOf(stream, events), updated, FirstOf(stream, events)));
        }
    }

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken)
    {
        lock (data.Lock)
        {
            var last = after.Value - (fault == Fault.StreamAfterIsInclusive ? 1 : 0);
            if (fault == Fault.WrapsBeyondTheEnd) last = unchecked((int)last);
            var live = Live(stream);
            ThrowIfRemoved(stream, last, live);
            var found = Seen(live).Where(one => one.Version.Value > last);
            if (fault == Fault.EndsAfterThousandEvents) found = found.Take(1_000);
            return Enumerate(CutLarge(found).ToArray(), cancellationToken);
        }
    }

    public ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        if (after.Partition.Value >= PartitionCount && fault == Fault.AcceptsEveryPartition)
            return ValueTask.FromResult(new LogPage([], default, default));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(after.Partition.Value, PartitionCount, nameof(after));
        if (fault != Fault.TakesNoLimit) ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        if (fault != Fault.TakesAnyNumberOfStreams) filter.Check();
        if (fault != Fault.ReadsThoughCancelled) cancellationToken.ThrowIfCancellationRequested();
        lock (data.Lock)
        {
            var log = fault == Fault.SeesItsOwnCommitsOnly
                ? _ownView![after.Partition.Value]
                : Seen(data.Log[after.Partition.Value]);
            var found = log.Where(one => one.Position.Position.Value > after.Position.Value).Select(Shown);
            RecordedEvent[] seen =
                [.. log.Where(one => one.Position.Position.Value <= after.Position.Value), .. CutLarge(found)];
            return ValueTask.FromResult(PageOf(seen, after.Position.Value, filter, limit));
        }
    }

    private IEnumerable<RecordedEvent> CutLarge(IEnumerable<RecordedEvent> events)
    {
        const int bytesMax = 4 * 1024 * 1024;
        var bytes = 0L;
        return fault == Fault.EndsAfterFourMebibytes
            ? events.TakeWhile(one => (bytes += one.Payload.Length) <= bytesMax)
            : events;
    }

    // What is hidden becomes visible when a reader has read what follows it.
    private RecordedEvent[] Seen(List<RecordedEvent> events)
    {
        if (data.Hidden is not { } hidden) return events.ToArray();
        data.Hidden = null;
        data.Passed.SetResult();
        return events.Where(one => one != hidden).ToArray();
    }

    private async IAsyncEnumerable<RecordedEvent> Enumerate(
        RecordedEvent[] events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var holds = fault is Fault.ReaderHoldsUpWriters or Fault.StoppedReaderHoldsUpWriters;
        var finished = false;
        if (holds) data.Readers++;
        try
        {
            foreach (var recorded in events)
            {
                if (fault != Fault.ReadsThoughCancelled) cancellationToken.ThrowIfCancellationRequested();
                yield return recorded;
            }

            finished = true;
        }
        finally
        {
            if (holds && (finished || fault == Fault.ReaderHoldsUpWriters)) data.Readers--;
        }
    }
}
