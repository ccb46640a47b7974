namespace Granary;

/// <summary>A model as it is read.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Document">The document, as UTF-8 JSON.</param>
/// <param name="Position">The position of the event that changed it last.</param>
[GenerateSerializer, Immutable, Alias("granary.ReadModel")]
public sealed record ReadModel(
    [property: Id(0)] string Key,
    [property: Id(1)] ReadOnlyMemory<byte> Document,
    [property: Id(2)] LogPosition Position);
