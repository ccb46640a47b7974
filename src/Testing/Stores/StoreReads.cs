namespace Granary.Testing;

/// <summary>The reads of an event store, for <see cref="FaultInjectingEventStore"/>.</summary>
[Flags]
public enum StoreReads
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Reads of a stream's head.</summary>
    Heads = 1,

    /// <summary>Reads of a stream's events.</summary>
    Streams = 2,

    /// <summary>Reads of the log.</summary>
    Log = 4,

    /// <summary>All of them.</summary>
    All = Heads | Streams | Log,
}
