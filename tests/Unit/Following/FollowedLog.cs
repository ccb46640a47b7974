using System.Text;
using System.Text.Json;
using Granary.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Granary.Tests.Unit.Following;

/// <summary>A log in memory, a reader of it that counts the events of each stream, and its workers.</summary>
internal sealed class FollowedLog : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    public static readonly ModelTable Counts = new("counts");

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _running = [];

    public FollowedLog(int partitionCount = 1) =>
        Events = new MemoryEventStore(partitionCount, new MemorySnapshotStore());

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public MemoryEventStore Events { get; set; }

    public LossyModels Models { get; } = new(new MemoryModelStore());

    public RushingTime Time { get; } = new();

    public Guid StoreId { get; set; } = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    /// <summary>The events that cannot be handled, by their payload.</summary>
    public HashSet<string> Poison { get; } = [];

    /// <summary>Called before each read of the log by a worker.</summary>
    public Func<Task>? OnRead { get; set; }

    /// <summary>Whether the reader is no more.</summary>
    public bool IsDeleted { get; set; }

    public Action<LogBatch>? OnBatch { get; set; }

    public async Task StartTablesAsync()
    {
        await Events.InitializeAsync(Token);
        await Models.CreateTableAsync(ReaderTables.Readers, Token);
        await Models.CreateTableAsync(ReaderTables.Parked, Token);
    }

    public async Task AppendAsync(string stream, params string[] payloads)
    {
        var name = new StreamName("test", stream);
        foreach (var payload in payloads)
        {
            var happened = new NewEvent(Time, "test.happened", Encoding.UTF8.GetBytes($"\"{payload}\""));
            var append = new Append(name, ExpectedVersion.Any, new AppendId(Uuid7.New(Time)), [happened]);
            var batch = new AppendBatch(Events.PartitionOf(name), Time.GetUtcNow(), [append]);
            await Events.CommitAsync(batch, Token);
        }
    }

    /// <summary>Clears a stream: its events become tombstones.</summary>
    public async Task ClearAsync(string stream)
    {
        var name = new StreamName("test", stream);
        var append = Append.Clear(name, ExpectedVersion.Any, new AppendId(Uuid7.New(Time)));
        await Events.CommitAsync(new AppendBatch(Events.PartitionOf(name), Time.GetUtcNow(), [append]), Token);
    }

    public WorkerDefinition Define(LogFilter? filter = null, bool startsAtEnd = false) => new()
    {
        Name = "counter",
        Kind = ReaderKind.Projection,
        Tables = [Counts],
        Filter = filter ?? LogFilter.All,
        StartsAtEnd = startsAtEnd,
        CreateHandler = _ => new Counter(this),
        BatchEventsMax = 10,
    };

    public (LogWorker Worker, Task Running) Start(
        WorkerDefinition? definition = null, ILogTail? tail = null, LogPartition partition = default)
    {
        var worker = new LogWorker(definition ?? Define(), partition, CreateServices(tail));
        var running = Task.Run(() => worker.RunAsync(_stopping.Token), Token);
        _running.Add(running);
        return (worker, running);
    }

    /// <summary>What the workers share.</summary>
    public WorkerServices CreateServices(ILogTail? tail = null) => new(
        new SwitchedStore(() => Events, () => OnRead?.Invoke() ?? Task.CompletedTask),
        Models, tail ?? Events, StoreId, Time, NullLogger.Instance)
    {
        Watch = new ReaderWatch(ReadOrdersAsync, Time),
    };

    /// <summary>Waits until a worker has passed the log's end.</summary>
    public async Task PassedAsync(LogWorker worker, LogPartition partition = default)
    {
        var page = await Events.ReadLogAsync(LogPosition.StartOf(partition), LogFilter.All, 1, Token);
        await worker.Progress.WaitAsync(page.End, Token).WaitAsync(Patience, Token);
    }

    public async Task<IReadOnlyDictionary<string, int>> ReadCountsAsync()
    {
        var page = await Models.QueryAsync(new ModelQuery(Counts) { Limit = 1000 }, Token);
        return page.Rows.ToDictionary(
            static one => one.Key, static one => JsonSerializer.Deserialize<int>(one.Document.Span));
    }

    public async Task<IReadOnlyList<ParkedStream>> ReadParkedAsync() =>
        [.. (await ReadParkedRowsAsync()).Select(static one => one.ToParkedStream())];

    public async Task<IReadOnlyList<ParkedRow>> ReadParkedRowsAsync()
    {
        var page = await Models.QueryAsync(new ModelQuery(ReaderTables.Parked), Token);
        return [.. page.Rows.Select(ParkedRow.Of)];
    }

    public async Task RequestAsync(string stream, ParkedRequest request)
    {
        var key = ParkedRow.KeyOf("counter", new StreamName("test", stream));
        var row = ParkedRow.Of((await Models.ReadAsync(ReaderTables.Parked, [key], Token)).Single());
        var commit = new ModelCommit(ParkedRow.Put(row.Document with { Request = request }, row.Row));
        Assert.Equal(ModelCommitOutcome.Committed, await Models.CommitAsync(commit, Token));
    }

    /// <summary>Looks until something is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await isSo())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task<ReaderOrders> ReadOrdersAsync(long at, CancellationToken cancellationToken) => new(
        at, await new ReaderSettings(Models).ReadAllAsync(cancellationToken))
    {
        Exists = _ => !IsDeleted,
    };

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    /// <summary>Counts the events of each stream, as a projection does: it reads rows, and writes each once.</summary>
    private sealed class Counter(FollowedLog log) : ILogHandler
    {
        public async ValueTask<HandledEvents> HandleAsync(LogBatch batch, CancellationToken cancellationToken)
        {
            log.OnBatch?.Invoke(batch);
            var writes = new List<ModelWrite>();
            foreach (var of in batch.Events.GroupBy(static one => one.Stream))
            {
                foreach (var one in of)
                {
                    var payload = JsonSerializer.Deserialize<string>(one.Payload.Span)!;
                    if (log.Poison.Contains(payload))
                        throw new EventFailedException(one, new InvalidOperationException(payload));
                }
            }

            foreach (var of in batch.Events.GroupBy(static one => one.Stream.Key))
            {
                var row = (await log.Models.ReadAsync(Counts, [of.Key], cancellationToken)).SingleOrDefault();
                var count = (row is null ? 0 : JsonSerializer.Deserialize<int>(row.Document.Span)) + of.Count();
                writes.Add(ModelWrite.Put(
                    Counts, of.Key, row, JsonSerializer.SerializeToUtf8Bytes(count), [], of.Last().Position));
            }

            return new HandledEvents { Writes = writes };
        }

        public void OnCommitted()
        {
        }
    }
}

/// <summary>
/// A clock on which short delays end at once. Waits of five seconds and more last until it is advanced.
/// </summary>
internal sealed class RushingTime : FakeTimeProvider
{
    public RushingTime()
        : base(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && dueTime < WorkerSession.WaitMax)
            ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
        return timer;
    }
}
