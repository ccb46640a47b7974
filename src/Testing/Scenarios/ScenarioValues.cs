using System.Text.Json;

namespace Granary.Testing;

/// <summary>How a scenario compares what is with what was expected, and shows both.</summary>
internal static class ScenarioValues
{
    private static readonly JsonSerializerOptions ShownAs = new() { IncludeFields = true };

    // What defines no equality, or holds lists, is the same when all that it holds is.
    public static bool Same(object left, object right) => left.Equals(right) || Likeness.AreAlike(left, right);

    public static string Show(object value) => $"{value.GetType().Name} {Json(value)}";

    private static string Json(object value)
    {
        try
        {
            return JsonSerializer.Serialize(value, value.GetType(), ShownAs);
        }
        catch (Exception fault) when (fault is NotSupportedException or JsonException or InvalidOperationException)
        {
            return value.ToString() ?? "";
        }
    }
}
