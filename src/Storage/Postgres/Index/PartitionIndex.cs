namespace Granary.Storage.Postgres;

/// <summary>
/// Where the events of a partition's streams are, as far as this process knows: what the tables of the index do not
/// have yet. Each event leads to its stream's previous one, so that only the last one has to be known.
/// </summary>
internal sealed class PartitionIndex(LogPartition partition, PostgresDatabase database)
{
    private const int CatchUpRows = 10_000;

    private long _end;

    /// <summary>Is raised when events were found, or were written.</summary>
    public event Action<PartitionIndex>? Grown;

    public LogPartition Partition => partition;

    public UnflushedIndex Unflushed { get; } = new();

    /// <summary>The position up to which all is known; -1 before the start.</summary>
    public long Known => Unflushed.Through;

    /// <summary>The last position that is known to be there, also where not all before it is known.</summary>
    public long End => Math.Max(Interlocked.Read(ref _end), Known);

    /// <summary>This process has written up to a position, beyond what it knows.</summary>
    public void GrowTo(long position)
    {
        Interlocked.Exchange(ref _end, position);
        Grown?.Invoke(this);
    }

    /// <summary>Begins with the tables, and reads what came since.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (Known < 0)
        {
            var indexed = await ReadIndexedAsync(cancellationToken).ConfigureAwait(false);
            if (Known < 0) Unflushed.StartAt(indexed);
        }

        await CatchUpAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Accounts for all events that were committed before the call, by any process.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        for (var count = CatchUpRows; count == CatchUpRows;)
        {
            var found = await database.Call("read_addresses")
                .With(partition.Value).With(Known).With(CatchUpRows)
                .ReadAsync(
                    static row => (row.GetInt64(0), new EventAddress(row.GetInt64(1), row.GetInt64(2))),
                    cancellationToken)
                .ConfigureAwait(false);
            count = found.Count;
            if (count > 0) Add(found);

            // Of a log that is far ahead, the tables have most.
            if (count == CatchUpRows)
                Unflushed.SkipTo(await ReadIndexedAsync(cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>Adds events in the log's order.</summary>
    public void Add(List<(long Stream, EventAddress Address)> added)
    {
        Unflushed.AddAll(added);
        Grown?.Invoke(this);
    }

    /// <summary>The position that the tables are complete to.</summary>
    public async Task<long> ReadIndexedAsync(CancellationToken cancellationToken)
    {
        var found = await database.Call("read_indexed").With(partition.Value)
            .ReadAsync(static row => row.IsDBNull(0) ? -1 : row.GetInt64(0), cancellationToken).ConfigureAwait(false);
        return found is [>= 0 and var position] ? position : throw new StoreCorruptException(
            $"{database.Name} has no index of partition {partition}. Restore the database from a backup.");
    }
}
