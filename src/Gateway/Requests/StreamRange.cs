namespace Granary.Gateway;

/// <summary>Where a page of a stream begins.</summary>
/// <param name="From">The version after which, or before which, it begins.</param>
/// <param name="Position">Where the event of that version must be in the log; 0 where the caller does not say.</param>
/// <param name="Direction">Its order.</param>
/// <param name="IsFromStart">Whether the caller does not say where, and reads forward.</param>
internal readonly record struct StreamRange(
    StreamVersion From, GlobalPosition Position, ReadDirection Direction, bool IsFromStart = false);
