namespace Granary.Runtime;

/// <summary>Metadata that the application adds. Names that begin with <c>granary.</c> are refused.</summary>
internal static class CallerMetadata
{
    /// <summary>Adds a caller's own pairs to what was captured.</summary>
    /// <exception cref="EventNotEncodableException">A name is reserved.</exception>
    public static EventMetadata Add(
        EventMetadata captured, IEnumerable<KeyValuePair<string, string>> pairs, Type eventType)
    {
        var all = pairs.ToArray();
        ThrowIfReserved(all.Select(static pair => pair.Key), EventTypeNames.Of(eventType));
        return captured.With(all);
    }

    /// <summary>Checks names of metadata.</summary>
    /// <exception cref="EventNotEncodableException">A name is reserved.</exception>
    public static void ThrowIfReserved(IEnumerable<string> names, string eventType)
    {
        if (names.FirstOrDefault(IsReserved) is { } name)
            throw new EventNotEncodableException(
                eventType,
                $"metadata names that begin with {MetadataNames.ReservedPrefix} are Granary's own: {name}. "
                + "Choose another name.");
    }

    /// <summary>Whether only Granary itself writes a name.</summary>
    public static bool IsReserved(string name) =>
        name.StartsWith(MetadataNames.ReservedPrefix, StringComparison.Ordinal);
}
