namespace Granary;

/// <summary>
/// The version of an event in its stream, and its position in the log. Version 0 is the stream's clearing; at position
/// 0 it is a stream without any event.
/// </summary>
internal readonly record struct EventAddress(long Version, long Position);
