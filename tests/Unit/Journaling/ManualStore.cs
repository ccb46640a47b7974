using System.Runtime.CompilerServices;
using Granary.Runtime;

namespace Granary.Tests.Unit.Journaling;

/// <summary>
/// A store in memory whose reads the test can hold and fail, and that the test writes to as another process would. A
/// read that has begun is answered also where it was cancelled, however late that is.
/// </summary>
internal sealed class ManualStore : IEventStore
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly MemoryEventStore _inner = new();
    private readonly Queue<TaskCompletionSource> _held = [];

    public int PartitionCount => 1;

    /// <summary>What the store takes.</summary>
    public StoreLimits Limits { get; init; } = StoreLimits.Largest;

    /// <summary>
    /// Every word that was ever stored, with what the stream held before it, in their order; clearings are among them.
    /// </summary>
    public Dictionary<string, string> StoredAfter { get; } = [];

    /// <summary>What the stream has held, from the first on.</summary>
    public List<string> Contents { get; } = [""];

    /// <summary>Whether reads wait until <see cref="ReleaseRead"/> or <see cref="FailRead"/>.</summary>
    public bool HoldsReads { get; set; }

    /// <summary>How many more events the reads of streams give before the store is unavailable; null for all.</summary>
    public int? ReadableEvents { get; set; }

    /// <summary>How many reads wait.</summary>
    public int HeldReads => _held.Count;

    /// <summary>How many times a stream's events were read.</summary>
    public int StreamReads { get; private set; }

    /// <summary>How many times a stream's head was read.</summary>
    public int HeadReads { get; private set; }

    /// <summary>How a clearing is named among the words.</summary>
    public static string NameOfClearing(AppendId id) => $"clearing {id}";

    /// <summary>Commits an append at once.</summary>
    public static AppendResult Commit(IEventStore store, Append append)
    {
        var committed = store.CommitAsync(append, Noon, CancellationToken.None);
        return committed.IsCompletedSuccessfully
            ? committed.Result
            : throw new InvalidOperationException("It is not stored at once.");
    }

    /// <summary>Appends as another writer.</summary>
    public void AppendElsewhere(StreamName stream, params string[] words) => Commit(this, new Append(
        stream, ExpectedVersion.Any, AppendId.New(TimeProvider.System), [.. words.Select(WordCodec.EventOf)]));

    /// <summary>Clears the stream as another writer.</summary>
    public void ClearElsewhere(StreamName stream) =>
        Commit(this, Append.Clear(stream, ExpectedVersion.Any, AppendId.New(TimeProvider.System)));

    /// <summary>What the stream holds.</summary>
    public List<string> WordsOf(StreamName stream)
    {
        var words = new List<string>();
        var reading = ReadAsync();
        if (!reading.IsCompletedSuccessfully) throw new InvalidOperationException("Not at once.");
        return words;

        async Task ReadAsync()
        {
            await foreach (var recorded in _inner.ReadStreamAsync(stream, StreamVersion.Zero, CancellationToken.None))
                words.Add(WordCodec.WordOf(recorded.Payload));
        }
    }

    /// <summary>Lets the read that waits longest continue; it reads what is stored then.</summary>
    public void ReleaseRead() => _held.Dequeue().SetResult();

    /// <summary>Fails the read that waits longest.</summary>
    public void FailRead() => _held.Dequeue().SetException(new StoreUnavailableException("Failed to read."));

    public ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(new StoreDescription(Uuid7.New(TimeProvider.System), 1, Limits));

    public ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        var committed = _inner.CommitAsync(batch, cancellationToken);
        for (var at = 0; at < batch.Appends.Count; at++)
        {
            if (batch.Results[at].Outcome == AppendOutcome.Appended) Record(batch.Appends[at]);
        }

        return committed;
    }

    public async ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken)
    {
        HeadReads++;
        await HoldAsync();
        return await _inner.ReadHeadAsync(stream, CancellationToken.None);
    }

    public async IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        StreamReads++;
        await HoldAsync();
        await foreach (var recorded in _inner.ReadStreamAsync(stream, after, CancellationToken.None))
        {
            if (ReadableEvents-- <= 0) throw new StoreUnavailableException("Failed while it read.");
            yield return recorded;
        }
    }

    public ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken) =>
        _inner.ReadLogAsync(after, filter, limit, cancellationToken);

    public ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken) =>
        _inner.TruncateAsync(truncation, cancellationToken);

    public ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken) =>
        _inner.ScrubAsync(eventsMax, cancellationToken);

    private void Record(Append append)
    {
        var content = append.ClearsStream ? "" : Contents[^1];
        if (append.ClearsStream)
        {
            StoredAfter.TryAdd(NameOfClearing(append.Id), content);
            Contents.Add(content);
        }

        foreach (var @event in append.Events)
        {
            var word = WordCodec.WordOf(@event.Payload);
            if (!StoredAfter.TryAdd(word, content)) throw new InvalidOperationException($"{word} is stored twice.");
            Contents.Add(content += $"{word} ");
        }
    }

    private Task HoldAsync()
    {
        if (!HoldsReads) return Task.CompletedTask;
        var gate = new TaskCompletionSource();
        _held.Enqueue(gate);
        return gate.Task;
    }
}
