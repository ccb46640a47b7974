using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>Reads the body of a command, and names the members that are missing or wrong.</summary>
internal static class CommandBody
{
    public static async Task<T> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type)
        where T : class
    {
        if (RequestBody.MediaType(request) is not ("application/json" or "text/json"))
            throw RequestBody.UnknownType(request);
        using var body = await RequestBody.ReadJsonAsync(request, request.HttpContext.RequestAborted);
        var root = body.RootElement;
        if (root.ValueKind != JsonValueKind.Object) throw Invalid("The body is an object.");
        var missing = type.Properties.Where(one => one.IsRequired && !root.TryGetProperty(one.Name, out _))
            .Select(static one => one.Name).ToArray();
        if (missing.Length > 0) throw Invalid($"The body lacks {string.Join(", ", missing)}.");
        try
        {
            return root.Deserialize(type)!;
        }
        catch (JsonException fault)
        {
            throw Invalid(
                $"At {fault.Path ?? "$"} the body is not what is expected. Text is in quotes; an amount is a "
                + $"decimal of at most {ExactDecimalConverter.LengthMax} characters, without exponent. "
                + $"The members are {string.Join(", ", type.Properties.Select(static one => one.Name))}.");
        }
    }

    private static ApiProblem Invalid(string detail) => ApiProblem.BadRequest("invalid-body", detail);
}
