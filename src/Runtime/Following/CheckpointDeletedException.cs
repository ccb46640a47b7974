namespace Granary.Runtime;

/// <summary>
/// A reader has begun, and its checkpoint is deleted: from the start of the log it would handle every event once more.
/// </summary>
internal sealed class CheckpointDeletedException : Exception
{
    public CheckpointDeletedException(string reader, LogPartition partition)
        : base(
            $"'{reader}' has applied events of partition {partition} to its tables, and its checkpoint there is "
            + "deleted. It has stopped, as it would apply them once more. Rebuild the projection; the rebuild has "
            + "tables and checkpoints of its own, or empties the tables of an SQL projection.")
    {
    }

    private CheckpointDeletedException(string message)
        : base(message)
    {
    }

    /// <summary>That of a durable subscription, which is created with its checkpoints.</summary>
    public static CheckpointDeletedException OfSubscription(string name, LogPartition partition) => new(
        $"The subscription '{name}' was created with a checkpoint in partition {partition}, and it is deleted. It has "
        + "stopped: how far it came is not known. Delete the subscription and create it again.");
}
