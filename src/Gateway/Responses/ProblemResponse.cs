using System.Text.Json.Serialization;

namespace Granary.Gateway;

/// <summary>A problem document of RFC 9457. Type and code are stable; title and detail are for people.</summary>
internal sealed record ProblemResponse(string Type, string Title, int Status, string Detail, string Code)
{
    public const string ContentType = "application/problem+json";

    /// <summary>The request's trace, to find it in the log.</summary>
    public string? TraceId { get; init; }

    /// <summary>What a program needs beside the code: numbers and text.</summary>
    [JsonExtensionData]
    public Dictionary<string, object?>? Members { get; set; }

    public static string TypeOf(string code) => "urn:granary:problem:" + code;
}
