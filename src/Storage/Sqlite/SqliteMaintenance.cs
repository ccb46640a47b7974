using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Granary.Storage.Sqlite;

/// <summary>
/// What a store does beside its commits: it flushes heads and marks in sorted slices, with commits in between, moves
/// the write-ahead log into the file, and truncates it where it is too long or what was removed is scrubbed.
/// </summary>
internal sealed class SqliteMaintenance : IAsyncDisposable
{
    private const int SliceEntries = 2_000;
    private const int CommitsPerCheckpoint = 2_000;
    private const int BytesPerCheckpointMax = 16 * 1024 * 1024;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly SqliteDatabase _database;
    private readonly SqliteWriter _writer;
    private readonly IReadOnlyList<PartitionIndex> _partitions;
    private readonly ILogger _logger;
    private readonly long _bytesPerCheckpoint;
    private readonly ITimer _retry;
    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly SemaphoreSlim _turn = new(1, 1);

    private Task _running = Task.CompletedTask;
    private int _started;
    private long _commitsSinceCheckpoint;
    private long _bytesSinceCheckpoint;

    // How often there was something to remove, and up to which of these it is removed. From the start there is: a
    // process that was killed may have left bytes of a stream that it had cleared.
    private long _truncatesDue = 1;
    private long _truncatedThrough;

    // How many clearings this process knows of; and of how many clearings and truncations it did when nothing was left
    // of any. From the start there may be some.
    private long _clearings = 1;
    private long _scrubbedThrough;

    // After a failure nothing runs until the next try is due: commits request it all the time.
    private volatile bool _waitsForRetry;

    public SqliteMaintenance(
        SqliteDatabase database,
        SqliteWriter writer,
        IReadOnlyList<PartitionIndex> partitions,
        ILogger logger,
        TimeProvider time)
    {
        (_database, _writer, _partitions, _logger) = (database, writer, partitions, logger);
        _bytesPerCheckpoint = Math.Min(BytesPerCheckpointMax, database.Options.WalBytesMax / 4);
        _retry = time.CreateTimer(_ => Retry(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        foreach (var partition in partitions) partition.CaughtUp += OnCaughtUp;
    }

    /// <summary>How many clearings this process knows of, its own and those of others.</summary>
    public long Clearings => Interlocked.Read(ref _clearings);

    /// <summary>Whether the write-ahead log has still to be truncated.</summary>
    public bool MustTruncate => Interlocked.Read(ref _truncatedThrough) < Interlocked.Read(ref _truncatesDue);

    /// <summary>
    /// How long commits wait for readers when the write-ahead log is truncated, in milliseconds. A page is read in far
    /// less.
    /// </summary>
    public int TruncateTimeoutMs { get; set; } = 100;

    /// <summary>Begins to run what becomes due; once.</summary>
    public void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) != 0) return;
        using (ExecutionContext.SuppressFlow()) _running = Task.Run(RunAsync, CancellationToken.None);
        Request();
    }

    /// <summary>Is called after each commit.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="batch">What was committed.</param>
    /// <param name="hasCleared">Whether a stream was cleared.</param>
    public void OnCommitted(PartitionIndex partition, AppendBatch batch, bool hasCleared)
    {
        var bytes = 0L;
        for (var at = 0; at < batch.Appends.Count; at++) bytes += batch.Appends[at].Size;
        if (hasCleared) Interlocked.Increment(ref _clearings);
        if (IsFlushDue(partition)) Request();
        OnWritten(bytes);
    }

    /// <summary>Is called after each look at what is left of clearings and truncations.</summary>
    /// <param name="removals">How many clearings and truncations were known before it.</param>
    /// <param name="events">Of how many events the content was removed.</param>
    /// <param name="bytes">Of how many bytes of content.</param>
    /// <param name="more">Whether more is left.</param>
    public void OnScrubbed(long removals, int events, long bytes, bool more)
    {
        // Each event may be on a page of its own, and the pages of a large one are overwritten too.
        if (events > 0) OnWritten(bytes + (long)events * ChecksummedFiles.PageSize);

        // The write-ahead log may have been truncated since the events were removed, but not since the last of their
        // content was; nor where another process has scrubbed it, which may be killed before it has truncated.
        if (more || (Interlocked.Exchange(ref _scrubbedThrough, removals) == removals && events == 0)) return;
        Interlocked.Increment(ref _truncatesDue);
        Request();
    }

    /// <summary>About how many bytes were written since the write-ahead log was last written back.</summary>
    public long BytesSinceCheckpoint => Interlocked.Read(ref _bytesSinceCheckpoint);

    /// <summary>Is called after each transaction that writes beside the index, commits among them.</summary>
    /// <param name="bytes">About how many bytes it wrote.</param>
    public void OnWritten(long bytes)
    {
        Interlocked.Add(ref _bytesSinceCheckpoint, bytes);
        Interlocked.Increment(ref _commitsSinceCheckpoint);
        if (IsCheckpointDue()) Request();
    }

    /// <summary>
    /// Flushes, checkpoints and truncates now, as far as each is due, after a run in flight. Where one fails, the
    /// others are done, and it is tried again later.
    /// </summary>
    public async Task RunDueMaintenanceAsync()
    {
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            List<Task> due = [];
            foreach (var partition in _partitions)
            {
                // A flush that has begun is one that failed: none runs now.
                if (!IsFlushDue(partition) && !partition.Unflushed.HasFlushBegun) continue;
                due.Add(FlushAsync(partition));
                await due[^1].ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (MustTruncate || IsCheckpointDue()) due.Add(CheckpointAsync());
            await Task.WhenAll(due);
            if (MustTruncate) _retry.Change(RetryAfter, Timeout.InfiniteTimeSpan);
        }
        catch
        {
            _waitsForRetry = true;
            _retry.Change(RetryAfter, Timeout.InfiniteTimeSpan);
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Writes what is not flushed of a partition's index to the file, unless another process has.</summary>
    public async Task FlushAsync(PartitionIndex partition)
    {
        var delta = partition.Unflushed.BeginFlush();
        var indexed = 0L;
        await _writer.UseAsync(
            session => indexed = session.Read(reading => reading.Index.Indexed(partition.Partition)),
            CancellationToken.None);
        if (delta.Through > indexed) await WriteAsync(partition.Partition, delta);
        partition.Unflushed.CompleteFlush(delta);
    }

    /// <summary>Starts nothing more, and waits for what runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await _retry.DisposeAsync();
        _due.Writer.TryComplete();
        await _running;
    }

    private async Task WriteAsync(LogPartition partition, IndexDelta delta)
    {
        foreach (var slice in delta.Heads.OrderBy(static one => one.Key).Chunk(SliceEntries))
        {
            await WriteSliceAsync(
                session => Array.ForEach(slice, one => session.Index.SetHead(one.Key, one.Value)));
        }

        foreach (var slice in delta.Marks.OrderBy(static one => one.Key).Chunk(SliceEntries))
        {
            await WriteSliceAsync(session => Array.ForEach(
                slice, one => session.Index.SetMark(one.Key.Stream, new EventAddress(one.Key.Version, one.Value))));
        }

        await _writer.WriteAsync(
            session => session.Index.SetIndexed(partition, delta.Through), CancellationToken.None);
    }

    // Each entry may be on a page of its own: a flush of many may be longer than the write-ahead log may become.
    private async Task WriteSliceAsync(Action<SqliteSession> write)
    {
        await _writer.WriteAsync(write, CancellationToken.None);
        if (_database.WalBytes > _database.Options.WalBytesMax) await CheckpointAsync();
    }

    private bool IsFlushDue(PartitionIndex partition) =>
        partition.Unflushed.Count >= _database.Options.IndexFlushEvents;

    private bool IsCheckpointDue() => Interlocked.Read(ref _commitsSinceCheckpoint) >= CommitsPerCheckpoint
        || BytesSinceCheckpoint >= _bytesPerCheckpoint;

    private void OnCaughtUp(PartitionIndex partition, bool hasCleared)
    {
        if (hasCleared) Interlocked.Increment(ref _clearings);
        if (IsFlushDue(partition)) Request();
    }

    private void Request()
    {
        if (!_waitsForRetry) _due.Writer.TryWrite(true);
    }

    private void Retry()
    {
        _waitsForRetry = false;
        Request();
    }

    private async Task RunAsync()
    {
        await foreach (var _ in _due.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                await RunDueMaintenanceAsync();
            }
            catch (Exception fault)
            {
                // Whatever it was, the maintenance continues: without it the write-ahead log would grow without end.
                _logger.MaintenanceFailed(fault, _database.Options.Path);
            }
        }
    }

    // Most of it is done beside the writer; then, between two commits, the little that was written meanwhile, so that
    // the writer finds nothing left and starts the write-ahead log from its beginning. It does so only while no reader
    // uses it: where it has grown too long all the same, commits wait for the readers for a short time.
    private async Task CheckpointAsync()
    {
        Interlocked.Exchange(ref _commitsSinceCheckpoint, 0);
        Interlocked.Exchange(ref _bytesSinceCheckpoint, 0);
        CheckpointBesideWriter();
        await _writer.UseAsync(
            session =>
            {
                session.Checkpoint();

                // The file counts, and not what the checkpoint found: it finds nothing while another process runs one.
                if (MustTruncate || _database.WalBytes > _database.Options.WalBytesMax) Truncate(session);
            },
            CancellationToken.None);
    }

    private void CheckpointBesideWriter()
    {
        try
        {
            using var session = _database.OpenReader();
            session.Checkpoint();
        }
        catch (SqliteException fault)
        {
            throw _database.Map(fault);
        }
    }

    private void Truncate(SqliteSession session)
    {
        // What is due for its size alone is due until it is done, too.
        if (!MustTruncate) Interlocked.Increment(ref _truncatesDue);

        // A commit after this line is truncated the next time; one before it is part of what is truncated.
        var due = Interlocked.Read(ref _truncatesDue);
        if (session.TryTruncateWal(TruncateTimeoutMs))
        {
            Interlocked.Exchange(ref _truncatedThrough, due);
            return;
        }

        _logger.WalNotTruncated(_database.Options.Path, TruncateTimeoutMs, _database.WalBytes);
    }
}
