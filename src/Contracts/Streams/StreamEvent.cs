namespace Granary.Contracts;

/// <summary>An event of a stream, in JSON.</summary>
/// <param name="Type">The name of its type.</param>
/// <param name="Data">Its content as JSON in UTF-8; null where it has none.</param>
/// <param name="Id">Its own id; made where it is null.</param>
/// <param name="Metadata">What is known about it; null for nothing.</param>
[GenerateSerializer, Immutable, Alias("granary.StreamEvent")]
public sealed record StreamEvent(
    [property: Id(0)] string Type,
    [property: Id(1)] byte[]? Data,
    [property: Id(2)] Guid? Id = null,
    [property: Id(3)] IReadOnlyDictionary<string, string>? Metadata = null);
