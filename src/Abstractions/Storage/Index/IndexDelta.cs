namespace Granary;

/// <summary>Heads and marks of the events after a position, which the store does not have yet.</summary>
/// <param name="after">That position.</param>
internal sealed class IndexDelta(long after)
{
    public long After => after;

    /// <summary>The last position that it is complete to; set when its flush begins.</summary>
    public long Through { get; set; }

    public Dictionary<long, EventAddress> Heads { get; } = [];

    public Dictionary<(long Stream, long Version), long> Marks { get; } = [];

    public bool IsEmpty => Heads.Count == 0 && Marks.Count == 0;
}
