namespace Granary;

/// <summary>A stream cannot be truncated. Nothing of it was removed.</summary>
[GenerateSerializer, Alias("granary.StreamNotTruncatedException")]
public sealed class StreamNotTruncatedException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="reason">Why not, and what to do.</param>
    public StreamNotTruncatedException(StreamName stream, string reason)
        : base($"Stream {stream} was not truncated: {reason}") => (Stream, Reason) = (stream, reason);

    /// <summary>The stream.</summary>
    [Id(0)] public StreamName Stream { get; }

    /// <summary>Why not, and what to do.</summary>
    [Id(1)] public string Reason { get; }
}
