namespace Granary;

/// <summary>The order in which events are read.</summary>
[GenerateSerializer, Alias("granary.ReadDirection")]
public enum ReadDirection
{
    /// <summary>Oldest first.</summary>
    Forward,

    /// <summary>Newest first.</summary>
    Backward,
}
