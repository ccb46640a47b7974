using Azure.Data.Tables;

namespace Granary.Storage.AzureStorage;

/// <summary>Deletes decisions, and tickets, of commits whose processes ended before they had done it.</summary>
internal sealed class DecisionSweep(AzureAccount account, ModelCheckpoints checkpoints)
{
    /// <summary>How many were deleted.</summary>
    public int Deleted { get; private set; }

    /// <summary>
    /// Deletes decisions against attempts. What would let such an attempt count is refused from here on, whenever it
    /// arrives: the checkpoints of its reader are written anew before, or its ticket is deleted.
    /// </summary>
    /// <param name="before">Younger ones stay: their attempts may still be under way.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>When the last of the older commits that count was decided; null where there is none.</returns>
    public async Task<DateTimeOffset?> DeleteEndedAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        // A ticket is written before a row is locked, and so before anybody decides against its attempt.
        await DeleteAsync(
            ModelKeys.Commits, ModelKeys.Ticket, row => row.Timestamp < before, cancellationToken)
            .ConfigureAwait(false);
        var last = await DeleteEndedAsync(
            ModelKeys.Commits, before, static _ => Task.CompletedTask, cancellationToken).ConfigureAwait(false);
        foreach (var name in await checkpoints.ReadNamesAsync(cancellationToken).ConfigureAwait(false))
        {
            var other = await DeleteEndedAsync(
                ModelKeys.ReaderOf(name), before, token => checkpoints.FenceAsync(name, token), cancellationToken)
                .ConfigureAwait(false);
            if (last is null || other > last) last = other ?? last;
        }

        return last;
    }

    /// <summary>Deletes decisions of commits that count. No row may be locked by them any more.</summary>
    /// <param name="through">Those that were decided later stay.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task DeleteCountedAsync(DateTimeOffset through, CancellationToken cancellationToken)
    {
        var names = await checkpoints.ReadNamesAsync(cancellationToken).ConfigureAwait(false);
        foreach (var partition in names.Select(ModelKeys.ReaderOf).Prepend(ModelKeys.Commits))
        {
            await DeleteAsync(
                partition, ModelKeys.Decision, row => Counts(row) && row.Timestamp <= through, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task<DateTimeOffset?> DeleteEndedAsync(
        string partition, DateTimeOffset before, Func<CancellationToken, Task> fence,
        CancellationToken cancellationToken)
    {
        var (last, hasEnded) = ((DateTimeOffset?)null, false);
        await foreach (var row in Of(partition, ModelKeys.Decision).ReadAsync(account, cancellationToken)
            .ConfigureAwait(false))
        {
            if (!(row.Timestamp < before)) continue;
            if (!Counts(row)) hasEnded = true;
            else if (last is null || row.Timestamp > last) last = row.Timestamp;
        }

        if (!hasEnded) return last;
        await fence(cancellationToken).ConfigureAwait(false);
        await DeleteAsync(
            partition, ModelKeys.Decision, row => !Counts(row) && row.Timestamp < before, cancellationToken)
            .ConfigureAwait(false);
        return last;
    }

    private async Task DeleteAsync(
        string partition, char kind, Func<TableEntity, bool> isDue, CancellationToken cancellationToken)
    {
        var some = new List<string>();
        await foreach (var row in Of(partition, kind).ReadAsync(account, cancellationToken).ConfigureAwait(false))
        {
            if (isDue(row)) some.Add(row.RowKey);
            if (some.Count < TransactionLimits.RowsMax) continue;
            await account.DeleteRowsAsync(partition, some, cancellationToken).ConfigureAwait(false);
            Deleted += some.Count;
            some.Clear();
        }

        await account.DeleteRowsAsync(partition, some, cancellationToken).ConfigureAwait(false);
        Deleted += some.Count;
    }

    private static TableRange Of(string partition, char kind) => new(partition, $"{kind}", $"{kind}{ModelKeys.End}");

    private static bool Counts(TableEntity row) => row.GetBoolean(ModelDecisions.CommittedName) == true;
}
