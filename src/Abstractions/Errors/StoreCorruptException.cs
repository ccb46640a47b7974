namespace Granary;

/// <summary>What is stored contradicts itself. Nothing is guessed: restore the store from a backup.</summary>
[GenerateSerializer, Alias("granary.StoreCorruptException")]
public sealed class StoreCorruptException : GranaryException
{
    /// <summary>Creates the error.</summary>
    public StoreCorruptException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
