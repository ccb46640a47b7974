namespace Granary.Storage.AzureStorage;

/// <summary>Reads every row of a log's partitions, also those that no reader of events or streams reads.</summary>
internal static class RowCheck
{
    private const int FindingsMax = 100;

    /// <summary>What is found; empty where each row is as it was written.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(AzureEventStore store, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        for (var at = 0; at < store.PartitionCount && found.Count < FindingsMax; at++)
        {
            var range = new TableRange(RowKeys.PartitionOf(new(at)), "", RowKeys.End);
            await foreach (var row in range.ReadAsync(store.Account, cancellationToken).ConfigureAwait(false))
            {
                if (found.Count == FindingsMax) break;
                try
                {
                    row.Checked();
                }
                catch (StoreCorruptException fault)
                {
                    found.Add(fault.Message);
                }
            }
        }

        return found;
    }
}
