using NpgsqlTypes;

namespace Granary.Storage.Postgres;

/// <summary>
/// What a batch is judged to, by what this process knows up to a position: the rows to write, and the answers once it
/// is certain that nothing has changed since.
/// </summary>
/// <param name="known">That position.</param>
internal sealed class CommitPlan(long known)
{
    private readonly List<(PlannedStream Stream, PlannedAnswer Answer)> _answers = [];
    private readonly List<PlannedStream> _judged = [];
    private readonly List<byte[]> _absent = [];
    private readonly List<PlannedStream> _added = [];
    private readonly List<(long Offset, byte[] Hash)> _cleared = [];
    private readonly List<long> _numbers = [];
    private readonly List<long> _versions = [];
    private readonly List<long> _prevs = [];
    private readonly List<int> _types = [];
    private readonly List<Guid> _ids = [];
    private readonly List<Guid?> _appendIds = [];
    private readonly List<byte[]?> _metadata = [];
    private readonly List<ReadOnlyMemory<byte>> _payloads = [];

    // When each event was recorded first; null where none was before.
    private List<DateTimeOffset?>? _times;

    public long Known => known;

    /// <summary>How many appends are answered.</summary>
    public int Count => _answers.Count;

    /// <summary>
    /// The plan holds only where no event of the stream has come since, or where what it appends may follow whatever
    /// has come.
    /// </summary>
    public void Judge(PlannedStream stream, bool wasAbsent)
    {
        if (wasAbsent) _absent.Add(Names.HashOf(stream.Name));
        else if (stream.Number > 0) _judged.Add(stream);
    }

    /// <summary>Plans an event, or the marker of a clearing, which has version 0.</summary>
    public void Add(PlannedStream stream, long version, NewEvent @event, int type, Append append)
    {
        var offset = _numbers.Count + 1;
        if (stream.Number == 0)
        {
            stream.Number = -offset;
            _added.Add(stream);
        }

        _numbers.Add(stream.Number);
        _versions.Add(version);
        _prevs.Add(stream.Version == 0 ? 0 : stream.IsPlanned ? known - stream.Position : stream.Position);
        _types.Add(type);
        _ids.Add(@event.Id);
        _appendIds.Add(append.Id.Value == @event.Id ? null : append.Id.Value);
        _metadata.Add(@event.Metadata == EventMetadata.Empty ? null : @event.Metadata.Utf8.ToArray());
        _payloads.Add(@event.Payload);
        if (append.RecordedAt is not null) _times ??= [.. Enumerable.Repeat<DateTimeOffset?>(null, offset - 1)];
        _times?.Add(append.RecordedAt);
        if (version == 0) _cleared.Add((offset, Names.HashOf(stream.Name)));
        (stream.Version, stream.Position, stream.IsPlanned) = (version, known + offset, true);
    }

    /// <summary>Answers the next append.</summary>
    public void Answer(PlannedStream stream, PlannedAnswer answer) => _answers.Add((stream, answer));

    public PostgresCall ToCall(PostgresDatabase database, AppendBatch batch, int lagMax)
    {
        var added = _added.ConvertAll(static one => (Hash: Names.HashOf(one.Name), one.Name, Offset: -one.Number));
        return database.Call("append")
            .With(batch.Partition.Value).With(known).With((long)lagMax)
            .With(database.Options.LockTimeoutMs).With(batch.Epoch).With(batch.Timestamp)
            .With(_judged.ConvertAll(static one => one.Number), NpgsqlDbType.Bigint)
            .With(_judged.ConvertAll(static one => one.BaseVersion), NpgsqlDbType.Bigint)
            .With(_absent, NpgsqlDbType.Bytea)
            .With(added.ConvertAll(static one => one.Offset), NpgsqlDbType.Bigint)
            .With(added.ConvertAll(static one => one.Hash), NpgsqlDbType.Bytea)
            .With(added.ConvertAll(static one => Names.Bytes(one.Name.Category)), NpgsqlDbType.Bytea)
            .With(added.ConvertAll(static one => Names.Bytes(one.Name.Key)), NpgsqlDbType.Bytea)
            .With(_numbers, NpgsqlDbType.Bigint).With(_versions, NpgsqlDbType.Bigint)
            .With(_prevs, NpgsqlDbType.Bigint).With(_types, NpgsqlDbType.Integer)
            .With(_ids, NpgsqlDbType.Uuid).With(_appendIds, NpgsqlDbType.Uuid)
            .With(_metadata, NpgsqlDbType.Bytea).With(_payloads, NpgsqlDbType.Bytea)
            .With(_cleared.ConvertAll(static one => one.Offset), NpgsqlDbType.Bigint)
            .With(_cleared.ConvertAll(static one => one.Hash), NpgsqlDbType.Bytea)
            .With(_times, NpgsqlDbType.TimestampTz);
    }

    /// <summary>The plan holds: answers its appends, the first of which has an index in the batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="first">That index.</param>
    /// <param name="last">The log's last position before the events.</param>
    /// <param name="latest">When the event there was recorded.</param>
    public void Publish(AppendBatch batch, int first, long last, DateTimeOffset latest)
    {
        var (now, times) = (Later(latest, batch.Timestamp), TimesAfter(latest, batch.Timestamp));
        for (var at = 0; at < _answers.Count; at++)
        {
            var (stream, answer) = _answers[at];
            var ((version, position), isPlanned) = (answer.Address, answer.IsPlanned);
            var isWritten = isPlanned && answer.Outcome != AppendOutcome.Conflict;
            var recorded = answer.Recorded
                ?? (isWritten
                    ? times?[(int)(position - known) - 1] ?? now
                    : Later(latest, Given(batch.Appends[first + at].RecordedAt, batch.Timestamp)));
            if (isWritten && answer.Outcome == AppendOutcome.Appended) latest = recorded;
            if (isPlanned) position += last - known;
            if (isPlanned && version > 0) version += stream.Followed;
            batch.SetResult(first + at, new AppendResult(
                answer.Outcome, new(version), new(batch.Partition, new(position)), recorded));
        }
    }

    /// <summary>What the plan appends to a stream was written after events that it did not know.</summary>
    public void Follow(long stream, long version)
    {
        var judged = _judged.Find(one => one.Number == stream)!;
        judged.Followed = version - judged.Stored.Version;
    }

    /// <summary>The events that were written after a position.</summary>
    public List<(long Stream, EventAddress Address)> Written(LogPartition partition, long last)
    {
        var written = new List<(long, EventAddress)>(_numbers.Count);
        for (var at = 0; at < _numbers.Count; at++)
            written.Add((NumberOf(_numbers[at], partition, last), new EventAddress(_versions[at], last + at + 1)));
        return written;
    }

    /// <summary>The streams that were added, with their numbers.</summary>
    public IEnumerable<(StreamName Name, long Number)> Added(LogPartition partition, long last) =>
        _added.Select(one => (one.Name, NumberOf(one.Number, partition, last)));

    // When the events are recorded, as the function append makes it; null where all are at the same instant.
    private DateTimeOffset[]? TimesAfter(DateTimeOffset latest, DateTimeOffset now) =>
        _times?.Select(time => latest = Later(latest, Given(time, now))).ToArray();

    // Of a copied time that is later than now, now counts.
    private static DateTimeOffset Given(DateTimeOffset? copied, DateTimeOffset now) =>
        copied is { } time && time < now ? time : now;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    // As the function append makes it.
    private static long NumberOf(long number, LogPartition partition, long last) =>
        number > 0 ? number : (last - number) * PostgresStoreOptions.PartitionsMax + partition.Value;
}

/// <summary>A stream as a plan has it so far.</summary>
internal sealed class PlannedStream(StreamName name)
{
    public StreamName Name => name;

    /// <summary>Its number; 0 where there is no such stream; less than 0 where the plan adds it.</summary>
    public long Number { get; set; }

    /// <summary>
    /// Whether what the plan does to it may follow events that have come since: it expects nothing that these change.
    /// </summary>
    public bool CanFollow { get; set; } = true;

    /// <summary>The version that it was judged at, where it may follow; else null.</summary>
    public long? BaseVersion => CanFollow ? Stored.Version : null;

    /// <summary>How many versions later than planned it was written.</summary>
    public long Followed { get; set; }

    /// <summary>Its last event that is stored.</summary>
    public EventAddress Stored { get; set; }

    public long Version { get; set; }

    /// <summary>The position of its last event, as it is where the log has not grown.</summary>
    public long Position { get; set; }

    /// <summary>Whether its last event is one of the plan's.</summary>
    public bool IsPlanned { get; set; }

    /// <summary>What the plan has appended to it.</summary>
    public Dictionary<AppendId, EventAddress> Appended { get; } = [];
}

/// <summary>The answer to an append.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Address">The version and the position of the answer.</param>
/// <param name="IsPlanned">Whether the position is that of one of the plan's events.</param>
/// <param name="Recorded">When an earlier append was recorded; null for now.</param>
internal readonly record struct PlannedAnswer(
    AppendOutcome Outcome, EventAddress Address, bool IsPlanned, DateTimeOffset? Recorded = null);
