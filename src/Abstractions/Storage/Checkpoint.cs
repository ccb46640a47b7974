namespace Granary;

/// <summary>How far a reader of the log has come in a partition.</summary>
/// <param name="Name">The reader's name.</param>
/// <param name="Partition">The partition of the log.</param>
/// <param name="Position">The position through which the reader has done its work.</param>
/// <param name="Epoch">The epoch of the owner that moved it last.</param>
public sealed record Checkpoint(string Name, LogPartition Partition, GlobalPosition Position, long Epoch);
