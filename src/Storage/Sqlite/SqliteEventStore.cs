using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Storage.Sqlite;

/// <summary>
/// Events in one SQLite file: an append-only log, and an index of its streams that is derived from it, flushed in
/// sorted batches beside the commits and caught up from the log after a crash. Each page of the file has a checksum.
/// Any number of processes on one machine may open the file.
/// </summary>
public sealed class SqliteEventStore : IEventStore, ILogTail, IStreamCatalog, IAsyncDisposable
{
    private const int StreamsPerPageMax = 1_000;

    private readonly SqliteDatabase _database;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SqliteNames _names = new();
    private readonly PartitionReader[] _partitions;
    private readonly CommitTransaction[] _commits;
    private readonly Scrub _scrub;
    private readonly ReaderPool _readers;
    private readonly SqliteWriter _writer;
    private readonly SqliteMaintenance _maintenance;
    private readonly LogTailSignal _grown;
    private readonly TailPoll _tail;
    private int _disposed;

    /// <summary>Makes a store that is closed; <see cref="InitializeAsync"/> opens its file.</summary>
    /// <param name="options">The path and the settings.</param>
    /// <param name="logger">Receives what an operator has to read.</param>
    /// <param name="time">
    /// The clock for retries of maintenance, and for how long a check that the file is still there counts; the system's
    /// where it is null.
    /// </param>
    /// <param name="meters">Makes the meter for the size of the write-ahead log; nothing is measured without.</param>
    public SqliteEventStore(
        SqliteStoreOptions options,
        ILogger<SqliteEventStore>? logger = null,
        TimeProvider? time = null,
        IMeterFactory? meters = null)
    {
        _time = time ?? TimeProvider.System;
        _database = new SqliteDatabase(options, _time);
        _logger = (logger ?? NullLogger<SqliteEventStore>.Instance).Guarded();
        _partitions = [.. Enumerable.Range(0, options.PartitionCount).Select(at =>
            new PartitionReader(new PartitionIndex(new(at), options.Path), _names, options.Path))];
        _commits = [.. _partitions.Select(one => new CommitTransaction(one.Index, _names))];
        _scrub = new Scrub([.. _partitions.Select(static one => one.Index)], _names);
        _readers = new ReaderPool(_database);
        _writer = new SqliteWriter(_database);
        _maintenance = new SqliteMaintenance(
            _database, _writer, [.. _partitions.Select(static one => one.Index)], _logger, _time);
        _grown = new LogTailSignal(_partitions.Length);
        _tail = new TailPoll(
            _grown, ReadEndsAsync, TimeSpan.FromMilliseconds(options.TailPollMs), _time,
            fault => _logger.TailNotRead(fault, options.Path));
        foreach (var partition in _partitions) partition.Index.CaughtUp += (index, _) => OnGrown(index);
        meters?.Create(GranaryNames.Meter).CreateObservableGauge(
            "granary.sqlite.wal.size", () => _database.WalBytes, "By", "Size of the write-ahead log");
    }

    /// <inheritdoc />
    public int PartitionCount => _partitions.Length;

    internal SqliteSchema Schema { get; init; } = SqliteSchema.Current;

    internal SqliteWriter Writer => _writer;

    internal ReaderPool Readers => _readers;

    internal SqliteNames Names => _names;

    internal SqliteMaintenance Maintenance => _maintenance;

    internal PartitionIndex IndexOf(int partition) => _partitions[partition].Index;

    /// <inheritdoc />
    public async ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken)
    {
        if (_database.Create(session => Schema.Create(session, _database.Options, Uuid7.New(_time))))
            _logger.Created(_database.Options.Path);
        var id = Guid.Empty;
        await _writer.WriteAsync(
            session =>
            {
                Schema.Ensure(session, _database.Options, _logger);
                id = SqliteSchema.ReadStoreId(session);
            },
            cancellationToken);
        await _writer.UseAsync(
            session => session.Read(reading =>
            {
                foreach (var partition in _partitions) partition.Index.CatchUp(reading);
                return true;
            }),
            cancellationToken);
        foreach (var partition in _partitions) OnGrown(partition.Index);
        _maintenance.Start();
        return new StoreDescription(id, PartitionCount, StoreLimits.Largest);
    }

    /// <inheritdoc />
    public ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        for (var at = 0; at < batch.Appends.Count; at++)
        {
            var append = batch.Appends[at];
            if (LogPartition.Of(append.Stream, PartitionCount) != batch.Partition)
                throw new ArgumentException($"Stream {append.Stream} does not belong to partition {batch.Partition}.");
        }

        return _writer.UseAsync(session => Commit(session, batch), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var partition = PartitionOf(stream);
        if (await FindAsync(stream, cancellationToken) is not { } found)
            return new StreamHead(
                stream, StreamVersion.Zero, LogPosition.StartOf(partition.Index.Partition), null, null);

        var unflushed = partition.Index.Unflushed.View(found.Id);
        return await _readers.ReadAsync(session => partition.Head(session, found, unflushed), cancellationToken);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await FindAsync(stream, cancellationToken) is not { } found) yield break;
        await using var pages = new StreamPages(
            _readers, PartitionOf(stream), found, after.Value, cancellationToken);
        for (var events = await pages.NextAsync(); events.Count > 0; events = await pages.NextAsync())
        {
            for (var at = 0; at < events.Count; at++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return events[at];
            }
        }
    }

    /// <inheritdoc />
    public ValueTask<LogPage> ReadLogAsync(
        LogPosition after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(after.Partition.Value, PartitionCount, nameof(after));
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        filter.Check();
        cancellationToken.ThrowIfCancellationRequested();
        var partition = _partitions[after.Partition.Value];
        return new ValueTask<LogPage>(_readers.ReadAsync(
            session => partition.Log(session, after.Position.Value, filter, limit), cancellationToken));
    }

    /// <inheritdoc />
    public async ValueTask<bool> TruncateAsync(Truncation truncation, CancellationToken cancellationToken)
    {
        truncation.ThrowIfWrong(PartitionCount);
        var (stream, before, position, snapshot) = truncation;
        var index = PartitionOf(stream).Index;
        if (await FindAsync(stream, cancellationToken) is not { } found) return false;

        var (first, isRemoved, hasChanged) = (new EventAddress(before.Value, position.Position.Value), false, false);
        await _writer.UseAsync(
            session => session.Write(writing =>
            {
                (isRemoved, hasChanged) = TruncateTransaction.Run(writing, index, found, first, snapshot);
                return hasChanged;
            }),
            cancellationToken);
        if (hasChanged) _maintenance.OnWritten(ChecksummedFiles.PageSize + (snapshot?.Payload.Length ?? 0));
        return isRemoved;
    }

    /// <inheritdoc />
    public async ValueTask<StreamPage> ReadStreamsAsync(
        string? category, StreamName? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        if (after is { } last && await FindAsync(last, cancellationToken) is null)
            throw new ArgumentException($"There is no stream {last}.", nameof(after));
        if (category is not null && after is { } other && other.Category != category)
            throw new ArgumentException($"Stream {other} is not of the category {category}.", nameof(after));

        var count = Math.Min(limit, StreamsPerPageMax);
        var found = await _readers.ReadAsync(
            session => session.Catalog.Read(category, after, count + 1), cancellationToken);
        var next = found.Count > count ? found[count - 1].Name : (StreamName?)null;
        var names = new List<StreamName>();
        foreach (var (name, mayBeEmpty) in found.Take(count))
        {
            // A snapshot makes a stream known, too. Whether it has had an event since is looked up.
            var isEmpty = mayBeEmpty
                && (await ReadHeadAsync(name, cancellationToken)).Position.Position == GlobalPosition.Zero;
            if (!isEmpty) names.Add(name);
        }

        return new StreamPage(names, next);
    }

    /// <inheritdoc />
    public async ValueTask<bool> ScrubAsync(int eventsMax, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(eventsMax, 1);
        cancellationToken.ThrowIfCancellationRequested();
        var more = false;
        await _writer.UseAsync(session => more = Scrub(session, eventsMax), cancellationToken);
        return more;
    }

    /// <inheritdoc />
    public ValueTask<GlobalPosition> WaitAsync(LogPosition after, CancellationToken cancellationToken) =>
        _tail.WaitAsync(after, cancellationToken);

    /// <summary>
    /// Copies the store, as it is at one instant, to a new file, while it is read and written. The copy is a store
    /// itself: at the path of a store that is not open, it replaces that store.
    /// </summary>
    /// <remarks>
    /// Each page that is copied is checked. The write-ahead log grows while the copy is made. What was removed and
    /// is not scrubbed yet is in the copy, too: see <see cref="ScrubAsync"/>.
    /// </remarks>
    /// <param name="path">Where the copy is created; its folder is created where it does not exist.</param>
    /// <param name="cancellationToken">Stops it; no copy is left then.</param>
    /// <exception cref="IOException">There is a file already, or it cannot be written.</exception>
    /// <exception cref="StoreCorruptException">A part of the store is damaged.</exception>
    public Task BackupAsync(string path, CancellationToken cancellationToken) =>
        Task.Run(() => SqliteBackup.Write(_database, path, cancellationToken), cancellationToken);

    /// <summary>
    /// Copies a store as <see cref="BackupAsync(string, CancellationToken)"/> does, from a process that does not use
    /// it.
    /// </summary>
    /// <param name="options">The path of the store.</param>
    /// <param name="path">Where the copy is created; its folder is created where it does not exist.</param>
    /// <param name="cancellationToken">Stops it; no copy is left then.</param>
    /// <exception cref="IOException">There is a file already, or it cannot be written.</exception>
    /// <exception cref="StoreUnavailableException">There is no store, or it cannot be opened.</exception>
    /// <exception cref="StoreCorruptException">A part of the store is damaged.</exception>
    public static Task BackupAsync(SqliteStoreOptions options, string path, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                using var database = new SqliteDatabase(options, TimeProvider.System);
                database.OpenExisting();
                SqliteBackup.Write(database, path, cancellationToken);
            },
            cancellationToken);

    /// <summary>Flushes the index, so that the next start has nothing to catch up, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _tail.DisposeAsync();
        await _maintenance.DisposeAsync();
        try
        {
            foreach (var partition in _partitions)
            {
                // First what a failed flush began with, then what came since.
                for (var round = 0; round < 2 && partition.Index.Unflushed.Through >= 0; round++)
                    await _maintenance.FlushAsync(partition.Index);
            }
        }
        catch (Exception fault) when (fault is GranaryException)
        {
            _logger.IndexNotFlushed(fault, _database.Options.Path);
        }
        finally
        {
            _readers.Dispose();
            await _writer.DisposeAsync();
            _database.Dispose();
        }
    }

    private void Commit(SqliteSession session, AppendBatch batch)
    {
        var index = _partitions[batch.Partition.Value].Index;
        var commit = _commits[batch.Partition.Value];
        if (!session.Write(writing => commit.TryRun(writing, batch)))
        {
            // Another process has appended a lot. To read that takes time: not while the file is locked for all. What
            // it appends until the file is locked again is read then, whatever it is: the commit has to end.
            session.Read(index.CatchUp);
            session.Write(writing => commit.Run(writing, batch));
        }

        commit.Publish(batch);
        OnGrown(index);
        _maintenance.OnCommitted(index, batch, commit.HasCleared);
    }

    private bool Scrub(SqliteSession session, int eventsMax)
    {
        // What other processes have removed is known before it is looked at what is left. Mostly nothing is, and the
        // file is not locked for that.
        var (isAnyLeft, truncations) = session.Read(reading =>
        {
            foreach (var partition in _partitions) partition.Index.CatchUp(reading);
            return (reading.Leftovers.Next(null) is not null, reading.Removals.Truncations());
        });
        var removals = _maintenance.Clearings + truncations;
        var (events, bytes, more) = (0, 0L, false);
        if (isAnyLeft)
        {
            session.Write(writing =>
            {
                (events, bytes, more) = _scrub.Run(writing, eventsMax);
                return events > 0;
            });
        }

        _maintenance.OnScrubbed(removals, events, bytes, more);
        return more;
    }

    private PartitionReader PartitionOf(StreamName stream) =>
        _partitions[LogPartition.Of(stream, PartitionCount).Value];

    private async ValueTask<StreamNumber?> FindAsync(StreamName stream, CancellationToken cancellationToken)
    {
        return _names.KnownStream(stream)
            ?? await _readers.ReadAsync(session => _names.FindStream(session, stream), cancellationToken);
    }

    private void OnGrown(PartitionIndex index) =>
        _grown.Grow(new LogPosition(index.Partition, new(Math.Max(0, index.Unflushed.Through))));

    private async Task<IReadOnlyList<LogPosition>> ReadEndsAsync() =>
        await _readers.ReadAsync<IReadOnlyList<LogPosition>>(
            session => [.. _partitions.Select(one =>
                new LogPosition(one.Index.Partition, new(one.Index.LogOf(session).LastPosition())))],
            CancellationToken.None);
}
