namespace Granary;

/// <summary>Models have not seen what they were to have seen, within the time to wait. </summary>
[GenerateSerializer, Alias("granary.ModelsBehindException")]
public sealed class ModelsBehindException : GranaryException
{
    /// <summary>Creates the error.</summary>
    /// <param name="projection">The projection.</param>
    /// <param name="asked">What was asked for.</param>
    /// <param name="passed">What the models have seen.</param>
    public ModelsBehindException(string projection, LogPositions asked, LogPositions passed)
        : base($"The models of '{projection}' are at {passed}, and {asked} was asked for. They are still behind: read "
            + "again, wait longer, or look at the projection's status.") =>
        (Projection, Asked, Passed) = (projection, asked, passed);

    /// <summary>The projection.</summary>
    [Id(0)] public string Projection { get; }

    /// <summary>What was asked for.</summary>
    [Id(1)] public LogPositions Asked { get; }

    /// <summary>What the models have seen, of the partitions that were asked for.</summary>
    [Id(2)] public LogPositions Passed { get; }
}
