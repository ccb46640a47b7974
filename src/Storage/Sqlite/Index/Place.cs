namespace Granary.Storage.Sqlite;

/// <summary>
/// Where an event of a stream stands. Version 0 is the stream's clearing, or, at position 0, nothing.
/// </summary>
internal readonly record struct Place(long Version, long Position);
