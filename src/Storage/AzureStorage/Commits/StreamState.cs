namespace Granary.Storage.AzureStorage;

/// <summary>
/// What a writer knows of a stream. It is so as long as the partition's tail is the one that it knows.
/// </summary>
internal sealed class StreamState(HeadRow head)
{
    public HeadRow Head { get; private set; } = head;

    /// <summary>
    /// The appends of the last events of this generation, oldest first; null where they were not read.
    /// </summary>
    public List<AppendKey>? Recent { get; set; } = head.Version == 0 ? [] : null;

    /// <summary>The appends of earlier generations, oldest first; null where they were not read.</summary>
    public List<AppendKey>? Earlier { get; set; } = head.Generation == 0 ? [] : null;

    /// <summary>How many appends are kept of it.</summary>
    public int Kept => (Recent?.Count ?? 0) + (Earlier?.Count ?? 0);

    /// <summary>Appends have landed.</summary>
    public void Grow(HeadRow head, IReadOnlyList<AppendKey> appends)
    {
        Head = head;
        if (Recent is null) return;
        Recent.AddRange(appends);
        var from = head.Version - GranaryLimits.AppendIdWindow;
        Recent.RemoveRange(0, Recent.FindIndex(one => one.Last > from));
    }
}
