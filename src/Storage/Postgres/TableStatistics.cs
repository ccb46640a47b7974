using Microsoft.Extensions.Logging;

namespace Granary.Storage.Postgres;

/// <summary>
/// Has the server count the rows of a young store. It makes its plans by them and keeps these: one that was made while
/// a table was small reads all of it when it has grown. The server itself counts each minute, which is late for a store
/// that grows fast.
/// </summary>
internal sealed class TableStatistics : IAsyncDisposable
{
    private const int Growth = 8;

    private readonly PostgresDatabase _database;
    private readonly IReadOnlyList<PartitionIndex> _partitions;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private long _next = FirstEvents;
    private bool _disposed;

    public TableStatistics(PostgresDatabase database, IReadOnlyList<PartitionIndex> partitions, ILogger logger)
    {
        (_database, _partitions, _logger) = (database, partitions, logger);
        foreach (var partition in partitions) partition.Grown += CountWhereDue;
    }

    /// <summary>At how many events the rows are counted for the first time.</summary>
    public static int FirstEvents => 500;

    /// <summary>From so many on it is left to the server.</summary>
    public static int LastEvents => 1_000_000;

    /// <summary>The count that runs, or ran last; it does not fail.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        lock (_lock) _disposed = true;
        await Running.ConfigureAwait(false);
    }

    private void CountWhereDue(PartitionIndex grown)
    {
        var events = 0L;
        foreach (var partition in _partitions) events += Math.Max(0, partition.End);
        if (events < Volatile.Read(ref _next) || events > LastEvents) return;
        lock (_lock)
        {
            if (_disposed || events < _next || !Running.IsCompleted) return;
            _next = events * Growth;
            using (ExecutionContext.SuppressFlow()) Running = Task.Run(CountAsync);
        }
    }

    private async Task CountAsync()
    {
        try
        {
            await _database.Call("analyze_tables").ReadAsync(static _ => true, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (GranaryException fault)
        {
            _logger.RowsNotCounted(fault, _database.Name);
        }
    }
}
