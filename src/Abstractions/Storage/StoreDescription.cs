namespace Granary;

/// <summary>What a store is, as it was created.</summary>
/// <param name="StoreId">
/// The store's own id, never empty: made once when the store is created, and kept in it. A copy of a store has the
/// same, as it holds the same events. A position belongs to the store that it was read from.
/// </param>
/// <param name="PartitionCount">How many partitions the log has; at least 1, and never changed.</param>
/// <param name="Limits">How large what it takes may be.</param>
public sealed record StoreDescription(Guid StoreId, int PartitionCount, StoreLimits Limits);
