using System.Text.Json;

namespace Granary.Benchmarks;

/// <summary>The findings for programs.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string Of(IEnumerable<Finding> findings) => JsonSerializer.Serialize(
        findings.Select(static one => new
        {
            one.Measure.Id,
            Value = Math.Round(one.Value, 4),
            one.Measure.Least,
            one.Measure.Aim,
            Spread = Math.Round(one.Spread, 4),
        }),
        Options);
}
