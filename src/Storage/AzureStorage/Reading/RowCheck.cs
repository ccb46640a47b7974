namespace Granary.Storage.AzureStorage;

/// <summary>
/// Reads every row of a partition of the log, also those that no reader of events or streams reads: retries are looked
/// for in what was cleared or truncated.
/// </summary>
internal sealed class RowCheck(AzureEventStore store, LogPartition partition)
{
    private const int FindingsMax = 100;
    private const int TriesMax = 3;

    private readonly string _key = RowKeys.PartitionOf(partition);
    private readonly List<string> _found = [];

    /// <summary>What is found; empty where each row is as it was written, and none is missing.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(
        AzureEventStore store, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        for (var at = 0; at < store.PartitionCount && found.Count < FindingsMax; at++)
        {
            var check = new RowCheck(store, new(at));
            await check.ReadAsync(cancellationToken).ConfigureAwait(false);
            found.AddRange(check._found);
        }

        return found;
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var range = new TableRange(_key, "", RowKeys.End);
        await foreach (var row in range.ReadAsync(store.Account, cancellationToken).ConfigureAwait(false))
        {
            if (_found.Count >= FindingsMax) return;
            await TryAsync(async () =>
            {
                row.Checked();
                if (row.RowKey[0] == RowKeys.Head)
                    await CheckRemovedAsync(HeadRow.Read(row), cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }

        await TryAsync(() => CountRemovalsAsync(cancellationToken)).ConfigureAwait(false);
    }

    private async Task TryAsync(Func<Task> check)
    {
        try
        {
            await check().ConfigureAwait(false);
        }
        catch (StoreCorruptException fault)
        {
            _found.Add(fault.Message);
        }
    }

    // Rows of removed events stay, without content.
    private async Task CheckRemovedAsync(HeadRow head, CancellationToken cancellationToken)
    {
        for (var generation = 0; generation < head.Generation; generation++)
        {
            if (await store.Account.FindAsync(_key, RowKeys.OfClearing(head.Hash, generation), cancellationToken)
                .ConfigureAwait(false) is { } row)
                await FollowAsync(head, generation, ClearingRow.Read(row).Version, cancellationToken)
                    .ConfigureAwait(false);
            else
                _found.Add($"The row of clearing {generation + 1} of stream {head.Stream} is missing: a retry of it, "
                    + "and of appends before it, may not be known.");
        }

        await FollowAsync(head, head.Generation, head.First - 1, cancellationToken).ConfigureAwait(false);
    }

    private async Task FollowAsync(HeadRow head, int generation, long through, CancellationToken cancellationToken)
    {
        if (through <= 0) return;
        var range = new TableRange(
            _key, RowKeys.OfEvents(head.Hash, generation, 0), RowKeys.OfEvents(head.Hash, generation, long.MaxValue))
        {
            Select = EventsRow.KeyNames,
        };
        var next = 1L;
        await foreach (var row in range.ReadAsync(store.Account, cancellationToken).ConfigureAwait(false))
        {
            if (EventsRow.ReadKey(row) is var append && append.First != next) break;
            next = append.Last + 1;
            if (next > through) return;
        }

        _found.Add($"Version {next} of stream {head.Stream}, which was removed, has no row: a retry of its append may "
            + "not be known.");
    }

    // The tail says how many there are. Others may clear and scrub meanwhile: it has to be the same before and after.
    private async Task CountRemovalsAsync(CancellationToken cancellationToken)
    {
        var range = new TableRange(_key, RowKeys.OfRemoval(0), RowKeys.EndOf(RowKeys.Removal));
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var tail = await store.Account.ReadTailAsync(partition, cancellationToken).ConfigureAwait(false);
            var rows = await range.ReadAllAsync(store.Account, static row => row.RowKey, cancellationToken)
                .ConfigureAwait(false);
            var again = await store.Account.ReadTailAsync(partition, cancellationToken).ConfigureAwait(false);
            if (tail.ETag != again.ETag) continue;
            if (tail.Removals != rows.Count)
                _found.Add($"Partition {partition} has {tail.Removals} removals whose content is to be deleted, and "
                    + $"{rows.Count} rows of them: removed events may be there, and be read.");
            return;
        }
    }
}
