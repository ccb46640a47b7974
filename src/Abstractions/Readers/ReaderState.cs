namespace Granary;

/// <summary>What a reader is doing in a partition.</summary>
[GenerateSerializer]
public enum ReaderState
{
    /// <summary>It has not read its checkpoint yet.</summary>
    Starting,

    /// <summary>It reads what was recorded before.</summary>
    CatchingUp,

    /// <summary>It has read everything, and waits for more.</summary>
    Live,

    /// <summary>It was paused, and waits to be resumed.</summary>
    Paused,

    /// <summary>It has stopped because of an error, and waits to be resumed.</summary>
    Stopped,
}
