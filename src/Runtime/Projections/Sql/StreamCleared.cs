namespace Granary;

/// <summary>
/// The stream of the recorded event was cleared: handed to an <see cref="ISqlProjection"/> that names this type, so
/// that it deletes what it has kept of the stream. When everything is applied anew, the events before it are not there
/// any more.
/// </summary>
public sealed record StreamCleared;
