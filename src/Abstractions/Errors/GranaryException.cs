namespace Granary;

/// <summary>The base of all errors that are Granary's own.</summary>
[GenerateSerializer, Alias("granary.GranaryException")]
public abstract class GranaryException : Exception
{
    /// <summary>
    /// Creates an error with a message of what happened and what to do. A cause that Orleans cannot carry to a client
    /// is kept as text.
    /// </summary>
    protected GranaryException(string message, Exception? inner = null)
        : base(message, ForeignException.Carried(inner))
    {
    }
}
