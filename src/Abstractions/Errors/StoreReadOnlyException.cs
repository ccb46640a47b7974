namespace Granary;

/// <summary>
/// The store can be read but not written, and trying again does not help: its file or its medium is read-only.
/// </summary>
[GenerateSerializer, Alias("granary.StoreReadOnlyException")]
public sealed class StoreReadOnlyException : GranaryException
{
    /// <summary>Creates the error.</summary>
    public StoreReadOnlyException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
