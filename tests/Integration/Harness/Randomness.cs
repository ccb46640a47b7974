using System.Globalization;

namespace Granary.Tests.Integration;

/// <summary>The one source of a test's seed: set by the environment to repeat a run, else the clock.</summary>
internal static class Randomness
{
    public const string SeedVariable = "GRANARY_SEED";

    /// <summary>The seed of this run, written where a failed test shows it.</summary>
    public static int Seed(string purpose)
    {
        var seed = Setting(SeedVariable, (int)(TimeProvider.System.GetTimestamp() & int.MaxValue));
        TestContext.Current.TestOutputHelper?.WriteLine($"{purpose}: {SeedVariable}={seed}");
        return seed;
    }

    /// <summary>A whole number from the environment, or the default.</summary>
    public static int Setting(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;
}
