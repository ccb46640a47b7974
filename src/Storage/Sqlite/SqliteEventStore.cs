using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Granary.Storage.Sqlite;

/// <summary>
/// Events in one SQLite file: an append-only log, and an index of its streams that is derived from it, written in
/// sorted
/// batches off the commits' path and caught up from the log after a crash. Any number of processes may open the file.
/// </summary>
public sealed class SqliteEventStore : IEventStore, IAsyncDisposable
{
    private const int PageSize = 500;

    private readonly SqliteDatabase _database;
    private readonly LogTable[] _logs;
    private readonly StreamPlaces[] _places;
    private readonly SqliteNames _names = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private SqliteConnection? _writer;
    private bool _disposed;

    /// <summary>Describes the store; <see cref="InitializeAsync"/> opens it.</summary>
    public SqliteEventStore(SqliteStoreOptions options)
    {
        _database = new SqliteDatabase(options);
        _logs = Enumerable.Range(0, options.PartitionCount)
            .Select(at => new LogTable(new(at), options.Path)).ToArray();
        _places = _logs.Select(log => new StreamPlaces(log, 2 * options.IndexFlushEvents)).ToArray();
    }

    /// <inheritdoc />
    public int PartitionCount => _logs.Length;

    internal SqliteDatabase Database => _database;

    internal SqliteNames Names => _names;

    internal int TailCount(int partition) => _places[partition].Tail.Count;

    /// <inheritdoc />
    public async ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(
            connection =>
            {
                SqliteSchema.Ensure(connection, _database.Options);
                foreach (var places in _places) places.CatchUp(connection);
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask CommitAsync(AppendBatch batch, CancellationToken cancellationToken)
    {
        foreach (var append in batch.Appends)
        {
            if (LogPartition.Of(append.Stream, PartitionCount) != batch.Partition)
                throw new ArgumentException($"Stream {append.Stream} does not live in partition {batch.Partition}.");
        }

        await WriteAsync(connection => Commit(connection, batch), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var at = LogPartition.Of(stream, PartitionCount).Value;
        return await Task.Run(() => ReadPlaces(at, connection => Head(connection, stream, at)), cancellationToken);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamVersion after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var at = LogPartition.Of(stream, PartitionCount).Value;
        var (version, life) = (after.Value, -1L);
        while (true)
        {
            var from = version;
            var (page, cleared) = await Task.Run(
                () => ReadPlaces(at, connection => Page(connection, stream, at, from)), cancellationToken);

            // A stream that was cleared while it was read ends there: its new life is another read's.
            if (life >= 0 && cleared != life) yield break;
            life = cleared;
            foreach (var recorded in page.Events)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return recorded;
                version = recorded.Version.Value;
            }

            if (!page.More) yield break;
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
        if (_disposed) return;
        await _writing.WaitAsync();
        try
        {
            _disposed = true;
            if (_writer is { } connection)
            {
                foreach (var places in _places) FlushIfDue(connection, places, due: 1);
            }
        }
        catch (Exception fault) when (fault is SqliteException or StoreCorruptException)
        {
            // The index is derived: what could not be written now is caught up from the log at the next start.
        }
        finally
        {
            _writer?.Dispose();
            _database.ReleaseReaders();
            _writing.Release();
        }
    }

    /// <summary>
    /// Runs a write on the one writing connection. After a failure it is opened anew: nothing half-known stays.
    /// </summary>
    internal async Task WriteAsync(Action<SqliteConnection> write, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            await Task.Run(() => Write(write), CancellationToken.None);
        }
        finally
        {
            _writing.Release();
        }
    }

    private void Write(Action<SqliteConnection> write)
    {
        try
        {
            _writer ??= Open();
            write(_writer);
        }
        catch (Exception fault) when (fault is SqliteException or StoreCorruptException)
        {
            _writer?.Dispose();
            _writer = null;
            foreach (var places in _places) places.Reset();
            if (fault is SqliteException sqlite) throw SqliteErrors.Map(sqlite, _database.Options.Path);
            throw;
        }
    }

    private SqliteConnection Open()
    {
        var path = _database.Options.Path;
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException(
                $"The folder of {path} cannot be made: {fault.Message} Make it, or choose another path.", fault);
        }

        return _database.OpenWriter();
    }

    private void Commit(SqliteConnection connection, AppendBatch batch)
    {
        var at = batch.Partition.Value;
        var places = _places[at];
        using (var transaction = connection.BeginTransaction(deferred: false))
        {
            // The fence: whatever another process appended is known before a version is checked.
            places.CatchUp(connection);
            using var commit = new CommitTransaction(connection, _logs[at], places, _names, batch);
            for (var index = 0; index < batch.Appends.Count; index++)
                batch.SetResult(index, commit.Judge(batch.Appends[index]));
            transaction.Commit();
            commit.Publish();
        }

        FlushIfDue(connection, places, _database.Options.IndexFlushEvents);
    }

    private static void FlushIfDue(SqliteConnection connection, StreamPlaces places, int due)
    {
        if (places.Tail.Count < due) return;
        using var transaction = connection.BeginTransaction(deferred: false);
        places.CatchUp(connection);
        var last = places.Flush(connection);
        transaction.Commit();
        places.Tail.DropThrough(last);
    }

    // What went from the tail while the read ran may not yet be in the index, or not yet cleared, as the read sees it.
    private T ReadPlaces<T>(int at, Func<SqliteConnection, T> read)
    {
        while (true)
        {
            var losses = _places[at].Tail.Losses;
            var result = _database.Read(connection =>
            {
                _places[at].CatchUp(connection);
                return _places[at].Tail.Losses == losses ? (Read: true, Value: read(connection)) : default;
            });
            if (result.Read && _places[at].Tail.Losses == losses) return result.Value;
        }
    }

    private StreamHead Head(SqliteConnection connection, StreamName stream, int at)
    {
        if (_names.FindStream(connection, stream) is not { } id)
            return new StreamHead(stream, StreamVersion.Zero, LogPosition.StartOf(new(at)), null, null);

        var head = _places[at].Head(connection, id, _logs[at].LastPosition(connection));
        var position = new LogPosition(new(at), new(head.Position));
        if (head.Version == 0) return new StreamHead(stream, StreamVersion.Zero, position, null, null);
        var first = _places[at].Behind(connection, id, 0, 1);
        var created = _logs[at].TimestampAt(connection, first[0].Position);
        var updated = _logs[at].TimestampAt(connection, head.Position);
        return new StreamHead(stream, new(head.Version), position, created, updated);
    }

    private (LogPage Events, long Cleared) Page(
        SqliteConnection connection, StreamName stream, int at, long after)
    {
        if (_names.FindStream(connection, stream) is not { } id) return (new LogPage([], More: false), 0);
        var places = _places[at].Behind(connection, id, after, PageSize);
        var events = _logs[at].At(connection, places);
        return (events with { More = events.More || places.Count == PageSize }, StreamPlaces.Cleared(connection, id));
    }

    private async IAsyncEnumerable<RecordedEvent> ReadLog(
        LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var log = _logs[after.Partition.Value];
        var position = after.Position.Value;
        while (true)
        {
            var from = position;
            var page = await Task.Run(
                () => _database.Read(connection => log.Behind(connection, from, PageSize)), cancellationToken);
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
