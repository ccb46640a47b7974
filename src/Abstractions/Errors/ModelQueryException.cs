namespace Granary;

/// <summary>
/// A query of models names a column that there is not, a value of another kind, or a page of another query.
/// </summary>
[GenerateSerializer, Alias("granary.ModelQueryException")]
public sealed class ModelQueryException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="subject">What is wrong: the column, the value or the part of the query.</param>
    /// <param name="reason">Why, and what to do.</param>
    public ModelQueryException(string subject, string reason)
        : base($"'{subject}': {reason}") => Subject = subject;

    /// <summary>What is wrong: the column, the value or the part of the query.</summary>
    [Id(0)] public string Subject { get; }
}
