namespace Granary;

/// <summary>
/// A stream was not at the version that the writer expected. Nothing was written: read the stream and decide again.
/// </summary>
[GenerateSerializer, Alias("granary.WrongExpectedVersionException")]
public sealed class WrongExpectedVersionException : GranaryException
{
    /// <summary>Creates the error.</summary>
    public WrongExpectedVersionException(StreamName stream, ExpectedVersion expected, StreamVersion actual)
        : base($"Stream {stream} was expected at {expected} but is at version {actual}. Read it and decide again.")
    {
        Stream = stream;
        Expected = expected;
        Actual = actual;
    }

    /// <summary>The stream.</summary>
    [Id(0)] public StreamName Stream { get; }

    /// <summary>What was expected.</summary>
    [Id(1)] public ExpectedVersion Expected { get; }

    /// <summary>The version that the stream is really at.</summary>
    [Id(2)] public StreamVersion Actual { get; }
}
