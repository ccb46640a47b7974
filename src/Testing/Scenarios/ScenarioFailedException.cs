namespace Granary.Testing;

/// <summary>A scenario ended otherwise than expected.</summary>
public sealed class ScenarioFailedException : Exception
{
    internal ScenarioFailedException(string message)
        : base(message)
    {
    }
}
