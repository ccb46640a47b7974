namespace Granary;

/// <summary>Something is larger than it may be. Nothing was written.</summary>
[GenerateSerializer, Alias("granary.LimitExceededException")]
public sealed class LimitExceededException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="subject">What is too large.</param>
    /// <param name="actual">How large it is.</param>
    /// <param name="allowed">How large it may be.</param>
    /// <param name="advice">What to do.</param>
    public LimitExceededException(string subject, long actual, long allowed, string advice)
        : base($"The {subject} has a size of {actual}; at most {allowed} is allowed. {advice}")
    {
        Subject = subject;
        Actual = actual;
        Allowed = allowed;
    }

    /// <summary>What is too large.</summary>
    [Id(0)] public string Subject { get; }

    /// <summary>How large it is, in bytes or characters.</summary>
    [Id(1)] public long Actual { get; }

    /// <summary>How large it may be, in the same unit.</summary>
    [Id(2)] public long Allowed { get; }

    /// <summary>Throws where something is larger than it may be.</summary>
    public static void ThrowIfOver(long allowed, long actual, string subject, string advice)
    {
        if (actual > allowed) throw new LimitExceededException(subject, actual, allowed, advice);
    }
}
