namespace Granary.Benchmarks;

/// <summary>Something that is measured, and what it should come to.</summary>
/// <param name="Id">Its name, in the table and in the JSON.</param>
/// <param name="Least">What it must come to; where less is better, what it must not exceed.</param>
/// <param name="Aim">What is striven for.</param>
internal sealed record Measure(string Id, double Least, double Aim)
{
    /// <summary>Whether the two are upper bounds.</summary>
    public bool LessIsBetter { get; init; }

    /// <summary>What it says.</summary>
    public required string What { get; init; }

    /// <summary>What limits it.</summary>
    public required string Limit { get; init; }

    /// <summary>Whether a value meets a bound.</summary>
    public bool Meets(double value, double bound) => LessIsBetter ? value <= bound : value >= bound;
}

/// <summary>What a scenario found.</summary>
/// <param name="Measure">What was measured.</param>
/// <param name="Value">The median of the repetitions.</param>
/// <param name="Spread">(greatest - least) / median of the repetitions.</param>
/// <param name="Detail">The figures that the value is the ratio of.</param>
internal sealed record Finding(Measure Measure, double Value, double Spread, string Detail)
{
    /// <summary>Set where less was done than the measure says: then it is a hint.</summary>
    public string? Scaled { get; init; }

    /// <summary>The ratio of two, each told in its unit.</summary>
    public static Finding Of(Measure measure, Pairs pairs, string unit) => new(
        measure, pairs.Ratios.Median, pairs.Ratios.Spread,
        $"{Text.Number(pairs.First.Median)} against {Text.Number(pairs.Second.Median)} {unit}");
}

/// <summary>Finds one measure.</summary>
internal interface IScenario
{
    Measure Measure { get; }

    Task<Finding> RunAsync(DataFolder folder, Effort effort);
}
