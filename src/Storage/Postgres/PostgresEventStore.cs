using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Storage.Postgres;

/// <summary>
/// Events in a schema of a PostgreSQL database: an append-only log, and an index of its streams that is derived from
/// it, flushed in sorted batches beside the commits and caught up from the log. Any number of silos may use it at once.
/// </summary>
public sealed class PostgresEventStore : IEventStore, IPartitionEpochs, ILogTail, IStreamCatalog, IAsyncDisposable
{
    // Events may be a mebibyte each: a step is short all the same.
    private const long ScrubBytesMax = 4 * 1024 * 1024;

    private readonly ILogger _logger;
    private readonly StoredNames _names;
    private readonly PartitionIndex[] _partitions;
    private readonly PartitionWriter[] _writers;
    private readonly PartitionReader[] _streams;
    private readonly LogReader _log;
    private readonly CatalogReader _catalog;
    private readonly PostgresSchema _schema;
    private readonly IndexFlush _flush;
    private readonly LogTailSignal _grown;
    private readonly TailPoll _tail;
    private readonly TailNotices _notices;
    private int _disposed;

    /// <summary>Makes a store that is closed; <see cref="InitializeAsync"/> opens its database.</summary>
    /// <param name="options">The database and the settings.</param>
    /// <param name="logger">Receives what an operator has to read.</param>
    /// <param name="time">The clock; the system's where it is null.</param>
    /// <exception cref="ArgumentException">The connection string is none.</exception>
    public PostgresEventStore(
        PostgresStoreOptions options, ILogger<PostgresEventStore>? logger = null, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        _logger = (logger ?? NullLogger<PostgresEventStore>.Instance).Guarded();
        Database = new PostgresDatabase(options);
        _names = new StoredNames(Database);
        _schema = new PostgresSchema(Database, time, _logger);
        _partitions = [.. Enumerable.Range(0, options.PartitionCount)
            .Select(at => new PartitionIndex(new(at), Database))];
        _writers = [.. _partitions.Select(one => new PartitionWriter(one, Database, _names, _logger))];
        _streams = [.. _partitions.Select(one => new PartitionReader(one, Database, _names))];
        _log = new LogReader(Database, _names);
        _catalog = new CatalogReader(Database, _names);
        _flush = new IndexFlush(Database, _partitions, _logger);
        Statistics = new TableStatistics(Database, _partitions, _logger);
        _grown = new LogTailSignal(_partitions.Length);
        _tail = new TailPoll(
            _grown, ReadEndsAsync, TimeSpan.FromMilliseconds(options.TailPollMs), time,
            fault => _logger.TailNotRead(fault, Database.Name));
        _notices = new TailNotices(Database, _tail.LookAsync, time);
        foreach (var partition in _partitions) partition.Grown += OnGrown;
    }

    /// <inheritdoc />
    public int PartitionCount => _partitions.Length;

    internal PostgresDatabase Database { get; }

    internal ILogger Logger => _logger;

    internal IndexFlush Flush => _flush;

    internal TableStatistics Statistics { get; }

    internal IReadOnlyList<PartitionIndex> Partitions => _partitions;

    /// <inheritdoc />
    public async ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken)
    {
        var id = await _schema.EnsureAsync(cancellationToken).ConfigureAwait(false);
        foreach (var partition in _partitions)
        {
            await partition.StartAsync(cancellationToken).ConfigureAwait(false);
            OnGrown(partition);
        }

        return new StoreDescription(id, PartitionCount, StoreLimits.Largest);
    }

    /// <inheritdoc />
    public async ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        foreach (var append in batch.Appends)
        {
            if (this.PartitionOf(append.Stream) != batch.Partition)
                throw new ArgumentException($"Stream {append.Stream} does not belong to partition {batch.Partition}.");
        }

        await _writers[batch.Partition.Value].CommitAsync(batch, cancellationToken).ConfigureAwait(false);
        _notices.OnGrown();
    }

    /// <inheritdoc />
    public async ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        await ReaderOf(stream).ReadHeadAsync(stream, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, CancellationToken cancellationToken) =>
        ReaderOf(stream).ReadAsync(stream, after.Value, cancellationToken);

    /// <inheritdoc />
    public ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(after.Partition.Value, PartitionCount, nameof(after));
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return new ValueTask<LogPage>(_log.ReadAsync(after, filter, limit, cancellationToken));
    }

    /// <inheritdoc />
    public async ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken)
    {
        truncation.ThrowIfWrong(PartitionCount);
        var (stream, before, position, snapshot) = truncation;
        if (await _names.FindStreamAsync(stream, cancellationToken).ConfigureAwait(false) is not { } number)
            return false;
        var removed = await Database.Call("truncate_stream").With(position.Partition.Value)
            .With(Database.Options.LockTimeoutMs).With(number).With(Names.HashOf(stream)).With(before.Value)
            .With(position.Position.Value).With(snapshot)
            .ReadAsync(static row => row.GetBoolean(0), cancellationToken).ConfigureAwait(false);
        return removed[0];
    }

    /// <inheritdoc />
    public ValueTask<StreamPage> ReadStreamsAsync(
        string? category, StreamName? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return new ValueTask<StreamPage>(_catalog.ReadAsync(category, after, limit, cancellationToken));
    }

    /// <inheritdoc />
    public async ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(eventsMax, 1);
        var tombstone = await _names.FindOrAddTypeAsync(StoredType.Tombstone, cancellationToken).ConfigureAwait(false);
        var more = await Database.Call("scrub").With(eventsMax).With(ScrubBytesMax).With(tombstone)
            .ReadAsync(static row => row.GetBoolean(0), cancellationToken).ConfigureAwait(false);
        return more[0];
    }

    /// <inheritdoc />
    public ValueTask<GlobalPosition> WaitAsync(LogPosition after, CancellationToken cancellationToken)
    {
        _notices.OnWaited();
        return _tail.WaitAsync(after, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<long> ReadEpochAsync(LogPartition partition, CancellationToken cancellationToken) =>
        EpochOfAsync(Database.Call("read_epoch").With(partition.Value), cancellationToken);

    /// <inheritdoc />
    public ValueTask<long> BeginEpochAsync(LogPartition partition, CancellationToken cancellationToken) =>
        EpochOfAsync(
            Database.Call("begin_epoch").With(partition.Value).With(Database.Options.LockTimeoutMs), cancellationToken);

    /// <summary>
    /// Flushes the index, so that the next start has nothing to catch up, and closes the connections.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _notices.DisposeAsync().ConfigureAwait(false);
        await _tail.DisposeAsync().ConfigureAwait(false);
        foreach (var writer in _writers) await writer.DisposeAsync().ConfigureAwait(false);
        await Statistics.DisposeAsync().ConfigureAwait(false);
        await _flush.DisposeAsync().ConfigureAwait(false);
        await Database.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Makes the schema ready, for what is kept in it beside the log.</summary>
    internal Task<Guid> EnsureSchemaAsync(CancellationToken cancellationToken) =>
        _schema.EnsureAsync(cancellationToken);

    private static async ValueTask<long> EpochOfAsync(PostgresCall call, CancellationToken cancellationToken) =>
        (await call.ReadAsync(static row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];

    private PartitionReader ReaderOf(StreamName stream) => _streams[this.PartitionOf(stream).Value];

    private void OnGrown(PartitionIndex index) =>
        _grown.Grow(new LogPosition(index.Partition, new(Math.Max(0, index.End))));

    private async Task<IReadOnlyList<LogPosition>> ReadEndsAsync() =>
        await Database.Call("read_ends").With(PartitionCount)
            .ReadAsync(
                static row => new LogPosition(new(row.GetInt32(0)), new(row.GetInt64(1))), CancellationToken.None)
            .ConfigureAwait(false);
}
