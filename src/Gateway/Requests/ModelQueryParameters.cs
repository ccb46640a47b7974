using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>Reads what a query of models asks for.</summary>
internal static class ModelQueryParameters
{
    /// <summary>The header with the positions that the models must have passed.</summary>
    public const string MinPosition = "Granary-Min-Position";

    private const int WaitSecondsMax = 60;

    /// <summary>What the models must have passed, and how long it is waited; null for nothing.</summary>
    public static ModelWait? Wait(HttpRequest request)
    {
        var timeout = WaitSeconds(request);
        if (!request.Headers.TryGetValue(MinPosition, out var sent))
            return timeout is null
                ? null
                : throw RequestQuery.Invalid($"wait belongs to the header {MinPosition}, which is not sent.");
        if (!LogPositions.TryParse(sent.ToString(), out var positions, out var fault))
            throw ApiProblem.BadRequest("invalid-header", $"{MinPosition}: {fault}");
        return new ModelWait(positions, timeout ?? ModelWait.DefaultTimeout);
    }

    /// <summary>The conditions: column:comparison:value, or column:null.</summary>
    public static IReadOnlyList<ModelRequestCondition> Conditions(HttpRequest request) =>
        request.Query.TryGetValue("where", out var sent) ? [.. sent.Select(static one => Condition(one ?? ""))] : [];

    /// <summary>Whether the order is reversed.</summary>
    public static bool Descending(HttpRequest request) => RequestQuery.Text(request, "descending") switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw RequestQuery.Invalid("descending is true or false."),
    };

    private static ModelRequestCondition Condition(string text)
    {
        var parts = text.Split(':', 3);
        if (parts is [{ Length: > 0 } absent, "null"])
            return new ModelRequestCondition(absent, ModelComparison.Equal, null);
        if (parts is [{ Length: > 0 } column, var comparison, var value])
            return new ModelRequestCondition(column, Comparison(comparison), value);
        throw RequestQuery.Invalid(
            $"'{text}' is no condition. where is column:comparison:value, as in balance:ge:100, or column:null.");
    }

    private static ModelComparison Comparison(string text) => text switch
    {
        "eq" => ModelComparison.Equal,
        "lt" => ModelComparison.Less,
        "le" => ModelComparison.LessOrEqual,
        "gt" => ModelComparison.Greater,
        "ge" => ModelComparison.GreaterOrEqual,
        _ => throw RequestQuery.Invalid($"'{text}' is no comparison. There are eq, lt, le, gt and ge."),
    };

    /// <summary>How long it is waited at most; null where it is not said.</summary>
    public static TimeSpan? WaitSeconds(HttpRequest request)
    {
        if (RequestQuery.Text(request, "wait") is not { } text) return null;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= WaitSecondsMax
            ? TimeSpan.FromSeconds(seconds)
            : throw RequestQuery.Invalid($"wait is a number of seconds, from 0 to {WaitSecondsMax}.");
    }
}
