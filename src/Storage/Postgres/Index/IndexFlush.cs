using Microsoft.Extensions.Logging;
using NpgsqlTypes;

namespace Granary.Storage.Postgres;

/// <summary>
/// Writes what this process knows of the index to its tables, in sorted slices beside the commits, and forgets it then.
/// What another process has written meanwhile is left out.
/// </summary>
internal sealed class IndexFlush : IAsyncDisposable
{
    private const int SliceRows = 5_000;

    private readonly PostgresDatabase _database;
    private readonly IReadOnlyList<PartitionIndex> _partitions;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Task[] _running;
    private bool _disposed;

    public IndexFlush(PostgresDatabase database, IReadOnlyList<PartitionIndex> partitions, ILogger logger)
    {
        (_database, _partitions, _logger) = (database, partitions, logger);
        _running = [.. partitions.Select(static _ => Task.CompletedTask)];
        foreach (var partition in partitions) partition.Grown += StartWhereDue;
    }

    /// <summary>Writes all that is known of a partition.</summary>
    public async Task FlushAsync(PartitionIndex index)
    {
        // First what a flush began with that failed, then what came since.
        for (var round = 0; round < 2; round++) await FlushPartAsync(index).ConfigureAwait(false);
    }

    /// <summary>Writes all that is known, so that the next start has nothing to catch up.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock) _disposed = true;
        await Task.WhenAll(_running).ConfigureAwait(false);
        foreach (var index in _partitions)
        {
            // A server that does not answer is not waited for again.
            if (index.Known >= 0 && !await TryFlushAsync(index).ConfigureAwait(false)) return;
        }
    }

    private void StartWhereDue(PartitionIndex index)
    {
        if (index.Unflushed.Count < _database.Options.IndexFlushEvents) return;
        lock (_lock)
        {
            var at = index.Partition.Value;
            if (_disposed || !_running[at].IsCompleted) return;
            using (ExecutionContext.SuppressFlow()) _running[at] = Task.Run(() => TryFlushAsync(index));
        }
    }

    private async Task<bool> TryFlushAsync(PartitionIndex index)
    {
        try
        {
            await FlushAsync(index).ConfigureAwait(false);
            return true;
        }
        catch (Exception fault)
        {
            _logger.IndexNotFlushed(fault, index.Partition, _database.Name);
            return false;
        }
    }

    private async Task FlushPartAsync(PartitionIndex index)
    {
        var delta = index.Unflushed.BeginFlush();
        if (delta.IsEmpty) return;
        var written = await index.ReadIndexedAsync(CancellationToken.None).ConfigureAwait(false);
        var heads = delta.Heads.Where(one => one.Value.Position > written)
            .Select(static one => (Stream: one.Key, one.Value.Version, one.Value.Position)).Order().Chunk(SliceRows);
        var marks = delta.Marks.Where(one => one.Value > written)
            .Select(static one => (one.Key.Stream, one.Key.Version, Position: one.Value)).Order().Chunk(SliceRows);

        // Another process that finds a head here has to find the marks of that stream too.
        foreach (var slice in marks) await WriteAsync([], slice).ConfigureAwait(false);
        foreach (var slice in heads) await WriteAsync(slice, []).ConfigureAwait(false);
        await _database.Call("write_indexed").With(index.Partition.Value).With(delta.Through)
            .ReadAsync(static _ => true, CancellationToken.None).ConfigureAwait(false);
        index.Unflushed.CompleteFlush(delta);
    }

    private Task WriteAsync(
        (long Stream, long Version, long Position)[] heads, (long Stream, long Version, long Position)[] marks)
    {
        var call = _database.Call("write_index");
        foreach (var rows in new[] { heads, marks })
        {
            call.With(Array.ConvertAll(rows, static row => row.Stream), NpgsqlDbType.Bigint)
                .With(Array.ConvertAll(rows, static row => row.Version), NpgsqlDbType.Bigint)
                .With(Array.ConvertAll(rows, static row => row.Position), NpgsqlDbType.Bigint);
        }

        return call.ReadAsync(static _ => true, CancellationToken.None);
    }
}
