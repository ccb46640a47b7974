namespace Granary;

/// <summary>An event as an <see cref="ISqlProjection"/> is handed it.</summary>
/// <param name="Event">
/// The event, decoded and in its newest shape; a <see cref="StreamCleared"/> where its stream was cleared.
/// </param>
/// <param name="Recorded">
/// The event as it is recorded, with its stream, position and metadata. An upcaster may make several events of one.
/// </param>
public sealed record SqlProjectionEvent(object Event, RecordedEvent Recorded);
