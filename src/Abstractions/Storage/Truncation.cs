namespace Granary;

/// <summary>Which events of a stream are removed: those before a version.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Before">The version of the first event that stays; at least 1.</param>
/// <param name="Position">
/// The position of the event of that version. Where that event is not there, the stream was cleared since it was read.
/// </param>
public sealed record Truncation(StreamName Stream, StreamVersion Before, LogPosition Position);
