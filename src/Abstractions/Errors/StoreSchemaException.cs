namespace Granary;

/// <summary>
/// The store was written by a newer Granary, or was created with other settings than it is opened with.
/// </summary>
[GenerateSerializer, Alias("granary.StoreSchemaException")]
public sealed class StoreSchemaException : GranaryException
{
    /// <summary>Creates the error.</summary>
    public StoreSchemaException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
