namespace Granary;

/// <summary>
/// A query of models names a column that there is not, a value of another kind, or a page of another query.
/// </summary>
[GenerateSerializer, Alias("granary.ModelQueryException")]
public sealed class ModelQueryException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What is wrong, and what to do.</param>
    public ModelQueryException(string message)
        : base(message)
    {
    }
}
