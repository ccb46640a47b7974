namespace Granary;

/// <summary>
/// The store cannot be reached or written now: it is locked, its disk is full, its server does not answer. Trying
/// again may help.
/// </summary>
[GenerateSerializer, Alias("granary.StoreUnavailableException")]
public sealed class StoreUnavailableException : GranaryException
{
    /// <summary>Creates the error.</summary>
    public StoreUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
