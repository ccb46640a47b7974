namespace Granary;

/// <summary>
/// The log is not the one that a reader has read: it was restored from an older copy, or belongs to another store.
/// </summary>
[GenerateSerializer, Alias("granary.LogReplacedException")]
public sealed class LogReplacedException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="reader">The reader's name.</param>
    /// <param name="position">The position of its checkpoint.</param>
    /// <param name="reason">What does not agree.</param>
    public LogReplacedException(string reader, LogPosition position, string reason)
        : base($"The log is not the one that '{reader}' has read through {position}: {reason} The reader has stopped "
            + "and skips nothing. Bring the log back, or rebuild the projection, or delete its checkpoints.") =>
        (Reader, Position) = (reader, position);

    /// <summary>The reader's name.</summary>
    [Id(0)] public string Reader { get; }

    /// <summary>The position of its checkpoint.</summary>
    [Id(1)] public LogPosition Position { get; }
}
