using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Granary.Storage.Sqlite;

/// <summary>
/// Events in one SQLite file: an append-only log, and an index of its streams that is derived from it, written in
/// sorted batches off the commits' path and caught up from the log after a crash. Any number of processes may open the
/// file.
/// </summary>
public sealed class SqliteEventStore : IEventStore, IAsyncDisposable
{
    private const int LogPageEvents = 512;

    private readonly SqliteDatabase _database;
    private readonly ILogger _logger;
    private readonly SqliteNames _names = new();
    private readonly PartitionReader[] _partitions;
    private readonly CommitTransaction[] _commits;
    private readonly ReaderPool _readers;
    private readonly SqliteWriter _writer;
    private readonly SqliteUpkeep _upkeep;
    private int _disposed;

    /// <summary>Describes the store; <see cref="InitializeAsync"/> opens it.</summary>
    public SqliteEventStore(SqliteStoreOptions options, ILogger<SqliteEventStore>? logger = null)
    {
        _database = new SqliteDatabase(options);
        _logger = logger ?? NullLogger<SqliteEventStore>.Instance;
        _partitions = [.. Enumerable.Range(0, options.PartitionCount).Select(at =>
            new PartitionReader(new PartitionIndex(new(at), options.Path), _names, options.Path))];
        _commits = [.. _partitions.Select(one => new CommitTransaction(one.Index, _names))];
        _readers = new ReaderPool(_database);
        _writer = new SqliteWriter(_database, Forget);
        _upkeep = new SqliteUpkeep(_database, _writer, [.. _partitions.Select(static one => one.Index)], _logger);
    }

    /// <inheritdoc />
    public int PartitionCount => _partitions.Length;

    internal SqliteWriter Writer => _writer;

    internal ReaderPool Readers => _readers;

    internal SqliteNames Names => _names;

    internal SqliteUpkeep Upkeep => _upkeep;

    internal PartitionIndex IndexOf(int partition) => _partitions[partition].Index;

    /// <inheritdoc />
    public async ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        await _writer.WriteAsync(
            session =>
            {
                SqliteSchema.Ensure(session, _database.Options, _logger);
                foreach (var partition in _partitions) partition.Index.CatchUp(session);
            },
            cancellationToken);
        _upkeep.Start();
    }

    /// <inheritdoc />
    public ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        for (var at = 0; at < batch.Appends.Count; at++)
        {
            var append = batch.Appends[at];
            if (LogPartition.Of(append.Stream, PartitionCount) != batch.Partition)
                throw new ArgumentException($"Stream {append.Stream} does not live in partition {batch.Partition}.");
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

        var tail = partition.Index.Tail.View(found.Id);
        return await _readers.ReadAsync(session => partition.Head(session, found, tail), cancellationToken);
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
    public IAsyncEnumerable<RecordedEvent> ReadLogAsync(LogPosition after, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(after.Partition.Value, PartitionCount, nameof(after));
        return ReadLog(after, cancellationToken);
    }

    /// <summary>Writes the index out, so that the next start has nothing to catch up, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _upkeep.StopAsync();
        try
        {
            foreach (var partition in _partitions)
            {
                // What was frozen and could not be written goes first; then what gathered since.
                for (var round = 0; round < 2 && partition.Index.Tail.Through >= 0; round++)
                    await _upkeep.FlushAsync(partition.Index);
            }
        }
        catch (Exception fault) when (fault is GranaryException)
        {
            _logger.IndexNotWritten(fault, _database.Options.Path);
        }
        finally
        {
            _readers.Dispose();
            await _writer.DisposeAsync();
        }
    }

    private void Commit(SqliteSession session, AppendBatch batch)
    {
        var index = _partitions[batch.Partition.Value].Index;
        var commit = _commits[batch.Partition.Value];
        session.Write(writing => commit.Run(writing, batch));
        commit.Publish();
        _upkeep.Committed(index, batch);
    }

    private void Forget()
    {
        foreach (var partition in _partitions) partition.Index.Reset();
    }

    private PartitionReader PartitionOf(StreamName stream) =>
        _partitions[LogPartition.Of(stream, PartitionCount).Value];

    private async ValueTask<StreamNumber?> FindAsync(StreamName stream, CancellationToken cancellationToken)
    {
        var id = _names.KnownStream(stream)
            ?? await _readers.ReadAsync(session => _names.FindStream(session, stream), cancellationToken);
        return id is null ? null : new StreamNumber(stream, id.Value);
    }

    private async IAsyncEnumerable<RecordedEvent> ReadLog(
        LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var partition = _partitions[after.Partition.Value];
        var position = after.Position.Value;
        while (true)
        {
            var from = position;
            var page = await _readers.ReadAsync(
                session => partition.Log(session, from, LogPageEvents), cancellationToken);
            foreach (var recorded in page.Events)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return recorded;
                position = recorded.Position.Position.Value;
            }

            if (!page.More) yield break;
        }
    }
}
