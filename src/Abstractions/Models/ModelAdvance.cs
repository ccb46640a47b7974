namespace Granary;

/// <summary>One move of a reader's checkpoint in the model store.</summary>
/// <param name="Move">From where to where, and in which epoch.</param>
/// <param name="StoreId">The id of the event store.</param>
/// <param name="EventId">The id of the event at the new position; empty where that is 0.</param>
public sealed record ModelAdvance(CheckpointAdvance Move, Guid StoreId, Guid EventId);
