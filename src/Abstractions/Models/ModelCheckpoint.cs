namespace Granary;

/// <summary>How far a reader of the log whose work is kept in the model store has come in a partition.</summary>
/// <param name="Name">The reader's name.</param>
/// <param name="Partition">The partition of the log.</param>
/// <param name="Position">The position through which the reader has done its work.</param>
/// <param name="Epoch">The epoch of the owner that moved it last.</param>
/// <param name="StoreId">The id of the event store that the position belongs to.</param>
/// <param name="EventId">
/// The id of the event at the position, by which a log that was restored or replaced is noticed; empty at position 0.
/// </param>
/// <param name="CommitId">The id of the commit that moved it last.</param>
public sealed record ModelCheckpoint(
    string Name,
    LogPartition Partition,
    GlobalPosition Position,
    long Epoch,
    Guid StoreId,
    Guid EventId,
    long CommitId);
