using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Granary.Storage.Sqlite;

/// <summary>
/// What a store does off the commits' path: writes heads and marks out in sorted slices, with commits in between, and
/// moves the write-ahead log into the file.
/// </summary>
internal sealed class SqliteUpkeep(
    SqliteDatabase database, SqliteWriter writer, IReadOnlyList<PartitionIndex> partitions, ILogger logger)
{
    private const int SliceEntries = 2_000;
    private const int CommitsPerCheckpoint = 2_000;
    private const int BytesPerCheckpoint = 16 * 1024 * 1024;

    private readonly Channel<bool> _wanted = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private Task _running = Task.CompletedTask;
    private int _started;
    private long _commitsSinceCheckpoint;
    private long _bytesSinceCheckpoint;

    /// <summary>Begins to wait for work; once.</summary>
    public void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) != 0) return;
        using (ExecutionContext.SuppressFlow()) _running = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Told of each commit; asks for work when enough has come.</summary>
    public void Committed(PartitionIndex partition, AppendBatch batch)
    {
        var bytes = 0L;
        for (var at = 0; at < batch.Appends.Count; at++) bytes += batch.Appends[at].Size;
        Interlocked.Add(ref _bytesSinceCheckpoint, bytes);
        Interlocked.Increment(ref _commitsSinceCheckpoint);
        if (IsFlushDue(partition) || IsCheckpointDue()) _wanted.Writer.TryWrite(true);
    }

    /// <summary>Does now what is due.</summary>
    public async Task TendAsync()
    {
        foreach (var partition in partitions)
        {
            if (IsFlushDue(partition)) await FlushAsync(partition);
        }

        if (IsCheckpointDue()) await CheckpointAsync();
    }

    /// <summary>Writes out what a partition's tail holds.</summary>
    public async Task FlushAsync(PartitionIndex partition)
    {
        var gathered = partition.Tail.Freeze();
        var heads = gathered.Heads.OrderBy(static one => one.Key);
        foreach (var slice in heads.Chunk(SliceEntries))
        {
            await writer.WriteAsync(
                session => Array.ForEach(slice, one => session.Index.SetHead(one.Key, one.Value)),
                CancellationToken.None);
        }

        foreach (var slice in gathered.Marks.OrderBy(static one => one.Key).Chunk(SliceEntries))
        {
            await writer.WriteAsync(
                session => Array.ForEach(
                    slice, one => session.Index.SetMark(one.Key.Stream, new Place(one.Key.Version, one.Value))),
                CancellationToken.None);
        }

        if (gathered.Through > gathered.After)
        {
            await writer.WriteAsync(
                session => session.Index.SetIndexed(partition.Partition, gathered.Through), CancellationToken.None);
        }

        partition.Tail.Thaw(gathered);
    }

    /// <summary>Takes no more work, and waits for what is under way.</summary>
    public async Task StopAsync()
    {
        _wanted.Writer.TryComplete();
        await _running;
    }

    private bool IsFlushDue(PartitionIndex partition) => partition.Tail.Count >= database.Options.IndexFlushEvents;

    private bool IsCheckpointDue() => Interlocked.Read(ref _commitsSinceCheckpoint) >= CommitsPerCheckpoint
        || Interlocked.Read(ref _bytesSinceCheckpoint) >= BytesPerCheckpoint;

    private async Task RunAsync()
    {
        await foreach (var _ in _wanted.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                await TendAsync();
            }
            catch (Exception fault)
            {
                // Whatever it was, the upkeep goes on: without it the write-ahead log would grow without end.
                logger.UpkeepFailed(fault, database.Options.Path);
            }
        }
    }

    // The bulk beside the writer; then, between two commits, the little that has come meanwhile, so that the writer
    // finds nothing left and begins the write-ahead log anew.
    private async Task CheckpointAsync()
    {
        Interlocked.Exchange(ref _commitsSinceCheckpoint, 0);
        Interlocked.Exchange(ref _bytesSinceCheckpoint, 0);
        using (var session = database.OpenReader()) session.Checkpoint();
        await writer.UseAsync(static session => session.Checkpoint(), CancellationToken.None);
    }
}
