namespace Granary.Runtime;

/// <summary>The silo's store, and what it has described itself as when it was made ready.</summary>
internal sealed class SiloStore(IEventStore store)
{
    /// <summary>The store's limits; Granary's own until it is ready, before which nothing is raised.</summary>
    public StoreLimits Limits { get; private set; } = StoreLimits.Largest;

    /// <summary>The store's own id; none until it is ready.</summary>
    public Guid StoreId { get; private set; }

    /// <summary>Makes the store ready.</summary>
    /// <exception cref="StoreCorruptException">What it describes itself as cannot be.</exception>
    public async ValueTask<StoreDescription> InitializeAsync(CancellationToken cancellationToken)
    {
        var description = await store.InitializeAsync(cancellationToken);
        if (description.StoreId == Guid.Empty || description.PartitionCount != store.PartitionCount
            || !ArePossible(description.Limits))
        {
            throw new StoreCorruptException(
                $"The store describes itself as {description}, which cannot be: it has an id, as many partitions as it "
                + "says, and no limit is greater than Granary's or less than what it has to hold. Run the conformance "
                + "suite on this store.");
        }

        (StoreId, Limits) = (description.StoreId, description.Limits);
        return description;
    }

    private static bool ArePossible(StoreLimits limits) =>
        limits.EventSizeMax is > 0 and <= GranaryLimits.EventSizeMax
        && limits.AppendEventsMax is > 0 and <= GranaryLimits.AppendEventsMax
        && limits.AppendSizeMax >= limits.EventSizeMax && limits.AppendSizeMax <= GranaryLimits.BatchSizeMax
        && limits.BatchEventsMax >= limits.AppendEventsMax && limits.BatchSizeMax >= limits.AppendSizeMax;
}
