namespace Granary.Runtime;

/// <summary>
/// A reader has filled its tables from the log, and its checkpoint is deleted: from the start of the log it would apply
/// every event to them once more.
/// </summary>
internal sealed class CheckpointDeletedException(string reader, LogPartition partition) : Exception(
    $"'{reader}' has applied events of partition {partition} to its tables, and its checkpoint there is deleted. It "
    + "has stopped, as it would apply them once more. Rebuild the projection; the rebuild has tables and checkpoints "
    + "of its own, or empties the tables of an SQL projection.");
