using System.Threading.Channels;

namespace Granary.Tests.Unit.Appending;

/// <summary>A store whose commits wait at a gate until the test lets them through or fails them.</summary>
internal sealed class GateStore(int partitions = 1) : IEventStore
{
    /// <summary>What ends a test whose signal never comes; a test that passes never waits so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Channel<Commit> _commits = Channel.CreateUnbounded<Commit>();

    public int PartitionCount => partitions;

    public bool IsInitialized { get; private set; }

    /// <summary>Where set, thrown when the store is to be made ready.</summary>
    public Exception? InitializeError { get; init; }

    /// <summary>The next commit that arrives at the gate.</summary>
    public Task<Commit> NextAsync() => _commits.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
        .WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <summary>Whether a commit waits at the gate that the test has not seen yet.</summary>
    public bool HasUnseen => _commits.Reader.TryPeek(out _);

    /// <summary>What it describes itself as.</summary>
    public StoreDescription Description { get; init; } =
        new(Uuid7.New(TimeProvider.System), partitions, StoreLimits.Largest);

    public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken)
    {
        if (InitializeError is not null) throw InitializeError;
        IsInitialized = true;
        return ValueTask.FromResult(Description);
    }

    public async ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        var commit = new Commit(batch);
        _commits.Writer.TryWrite(commit);
        await commit.Completion.WaitAsync(cancellationToken);
    }

    public ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>What a step of scrubbing does, with the most events that it may take.</summary>
    public Func<int, CancellationToken, Task<bool>> Scrub { get; set; } = static (_, _) => Task.FromResult(false);

    public async ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) =>
        await Scrub(eventsMax, cancellationToken);

    /// <summary>A commit at the gate.</summary>
    internal sealed class Commit(AppendBatch batch)
    {
        private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public AppendBatch Batch => batch;

        /// <summary>The appends as they came: the batch is its writer's again once it was let through.</summary>
        public IReadOnlyList<Append> Appends { get; } = [.. batch.Appends];

        public Task Completion => _completion.Task;

        /// <summary>The keys of the streams written to, in order.</summary>
        public IEnumerable<string> Keys => Appends.Select(append => append.Stream.Key);

        /// <summary>Lets it through; the streams named conflict.</summary>
        public void Release(params string[] conflicting)
        {
            for (var at = 0; at < batch.Appends.Count; at++)
            {
                var conflicts = conflicting.Contains(batch.Appends[at].Stream.Key);
                batch.SetResult(at, new AppendResult(
                    conflicts ? AppendOutcome.Conflict : AppendOutcome.Appended,
                    new StreamVersion(at + 1),
                    new LogPosition(batch.Partition, new GlobalPosition(at + 1)),
                    batch.Timestamp));
            }

            _completion.SetResult();
        }

        /// <summary>Lets it through with an answer to each append that may be impossible.</summary>
        public void ReleaseWith(StreamVersion version, LogPosition position)
        {
            for (var at = 0; at < batch.Appends.Count; at++)
                batch.SetResult(at, new AppendResult(AppendOutcome.Appended, version, position, batch.Timestamp));
            _completion.SetResult();
        }

        /// <summary>Answers the first appends; the commit does not end by that.</summary>
        public void Answer(int appends)
        {
            for (var at = 0; at < appends; at++)
                batch.SetResult(at, new AppendResult(
                    AppendOutcome.Appended,
                    new StreamVersion(1),
                    new LogPosition(batch.Partition, new GlobalPosition(at + 1)),
                    batch.Timestamp));
        }

        /// <summary>Lets it through without an answer, which no store may do.</summary>
        public void ReleaseUnanswered() => _completion.SetResult();

        /// <summary>Fails it.</summary>
        public void Fail(Exception error) => _completion.SetException(error);
    }
}
