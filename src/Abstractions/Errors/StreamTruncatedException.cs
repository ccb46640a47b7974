namespace Granary;

/// <summary>
/// What was requested of a stream needs events that were removed: the stream was truncated before a later version.
/// </summary>
[GenerateSerializer, Alias("granary.StreamTruncatedException")]
public sealed class StreamTruncatedException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="requested">The version that was requested, or the first of those that were.</param>
    /// <param name="first">The first version that the stream still has an event of.</param>
    public StreamTruncatedException(StreamName stream, StreamVersion requested, StreamVersion first)
        : this(stream, requested, first, $"Read it from version {first} on.")
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="requested">The version that was requested, or the first of those that were.</param>
    /// <param name="first">The first version that the stream still has an event of.</param>
    /// <param name="remedy">What to do.</param>
    public StreamTruncatedException(
        StreamName stream, StreamVersion requested, StreamVersion first, string remedy)
        : base($"Version {requested} of stream {stream} was removed: the stream was truncated and begins at version "
            + $"{first}. {remedy}") =>
        (Stream, Requested, First) = (stream, requested, first);

    /// <summary>The stream.</summary>
    [Id(0)] public StreamName Stream { get; }

    /// <summary>The version that was requested, or the first of those that were.</summary>
    [Id(1)] public StreamVersion Requested { get; }

    /// <summary>The first version that the stream still has an event of.</summary>
    [Id(2)] public StreamVersion First { get; }
}
