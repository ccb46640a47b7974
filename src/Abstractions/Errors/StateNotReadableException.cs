namespace Granary;

/// <summary>
/// The state of a truncated stream cannot be built: no snapshot of it can be read, and the events before are removed.
/// The events that are left can be read.
/// </summary>
[GenerateSerializer, Alias("granary.StateNotReadableException")]
public sealed class StateNotReadableException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="first">The first version that the stream still has an event of.</param>
    public StateNotReadableException(StreamName stream, StreamVersion first)
        : base($"The state of stream {stream} cannot be built: it was truncated before version {first}, and this code "
            + "can read no snapshot of that version. The state's type, its [FoldVersion] or the grain's class have "
            + "changed, or the snapshot is lost. Run the code that wrote it, or set AcceptOldOfTruncated of the "
            + "snapshots to read it as it is.") => (Stream, First) = (stream, first);

    /// <summary>The stream.</summary>
    [Id(0)] public StreamName Stream { get; }

    /// <summary>The first version that the stream still has an event of.</summary>
    [Id(1)] public StreamVersion First { get; }
}
