namespace Granary;

/// <summary>
/// Events that are read together: at most as many as were requested, and about
/// <see cref="GranaryLimits.PageBytesMax"/> of payload and metadata, but always one where there is one.
/// </summary>
/// <param name="Events">The events, in the order of the read.</param>
/// <param name="More">
/// Whether more follow in that order. Continue from the version, or the position, of the last one.
/// </param>
[GenerateSerializer, Immutable, Alias("granary.EventPage")]
public sealed record EventPage(
    [property: Id(0)] IReadOnlyList<RecordedEvent> Events,
    [property: Id(1)] bool More);
