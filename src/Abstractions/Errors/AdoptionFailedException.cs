namespace Granary;

/// <summary>
/// A grain's events, or its state, could not be taken over from the grain storage in which Orleans' own provider kept
/// them. The grain does not activate: it would start without them. The next call tries again.
/// </summary>
[GenerateSerializer, Alias("granary.AdoptionFailedException")]
public sealed class AdoptionFailedException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="stream">The grain's stream.</param>
    /// <param name="storage">The name of the grain storage.</param>
    /// <param name="reason">What failed, and what to do.</param>
    /// <param name="inner">Its cause.</param>
    public AdoptionFailedException(StreamName stream, string storage, string reason, Exception? inner = null)
        : base($"Stream {stream} cannot adopt what the grain storage {storage} holds of its grain: {reason}", inner)
    {
        Stream = stream;
        Storage = storage;
    }

    /// <summary>The grain's stream.</summary>
    [Id(0)] public StreamName Stream { get; }

    /// <summary>The name of the grain storage.</summary>
    [Id(1)] public string Storage { get; }
}
