namespace Granary.Runtime;

/// <summary>Refuses reserved names from a metadata source of the application's own.</summary>
internal sealed class CheckedMetadataSource : IMetadataSource
{
    private readonly IMetadataSource _inner;

    private CheckedMetadataSource(IMetadataSource inner) => _inner = inner;

    /// <summary>The source itself where it is Granary's, which leaves such names out.</summary>
    public static IMetadataSource For(IMetadataSource source) =>
        source is MetadataSource ? source : new CheckedMetadataSource(source);

    public EventMetadata Capture()
    {
        var captured = _inner.Capture();
        CallerMetadata.ThrowIfReserved(captured.Pairs.Keys, "with metadata of " + _inner.GetType());
        return captured;
    }
}
