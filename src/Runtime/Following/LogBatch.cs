namespace Granary.Runtime;

/// <summary>Events that are handled together.</summary>
/// <param name="Partition">The partition that they are in.</param>
/// <param name="Events">The events, in the order of the log; at least one.</param>
/// <param name="Try">Which try it is, from 1, as far as this worker knows.</param>
internal sealed record LogBatch(LogPartition Partition, IReadOnlyList<RecordedEvent> Events, int Try = 1);
