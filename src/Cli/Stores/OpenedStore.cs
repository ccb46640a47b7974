namespace Granary.Cli;

/// <summary>A store that is open, and all that it implements.</summary>
internal sealed class OpenedStore : IAsyncDisposable
{
    private const long AfterAll = 1L << 62;

    /// <summary>How it is named in what people read.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required StoreDescription Description { get; init; }

    public required IEventStore Events { get; init; }

    public required ISnapshotStore Snapshots { get; init; }

    public required ICheckpointStore Checkpoints { get; init; }

    public required ILogTail Tail { get; init; }

    public required IStreamCatalog Streams { get; init; }

    /// <summary>
    /// Checks what is below the store, also what reading it does not use, and returns what is found; null where nothing
    /// can be checked.
    /// </summary>
    /// <exception cref="StoreCorruptException">A part of it does not match its checksum.</exception>
    public Func<CancellationToken, Task<IReadOnlyList<string>>>? CheckFile { get; init; }

    /// <summary>The position of a partition's last event.</summary>
    public async ValueTask<long> EndOfAsync(int partition, CancellationToken cancellationToken)
    {
        // After every event: none is read, and so none that is damaged.
        var page = await Events.ReadLogAsync(
            new(new(partition), new(AfterAll)), LogFilter.All, 1, cancellationToken);
        return page.End.Value;
    }

    /// <summary>The event at a position; null where there is none.</summary>
    public async ValueTask<RecordedEvent?> ReadAtAsync(
        int partition, long position, CancellationToken cancellationToken)
    {
        var page = await Events.ReadLogAsync(
            new(new(partition), new(position - 1)), LogFilter.All, 1, cancellationToken);
        return page.Events is [var found] ? found : null;
    }

    /// <summary>The names of all streams, or of those of a category, in the store's order.</summary>
    public async IAsyncEnumerable<StreamName> NamesAsync(
        string? category,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        StreamName? after = null;
        do
        {
            var page = await Streams.ReadStreamsAsync(
                category, after, GranaryLimits.PageSizeMax, cancellationToken);
            foreach (var name in page.Streams) yield return name;
            after = page.Next;
        }
        while (after is not null);
    }

    public async ValueTask DisposeAsync()
    {
        if (Events is IAsyncDisposable disposable) await disposable.DisposeAsync();
    }
}
