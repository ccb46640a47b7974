using System.Net;
using System.Text.Json.Nodes;

namespace Granary.Tests.Integration;

/// <summary>What the API answered, read whole.</summary>
internal sealed record Answer(
    HttpStatusCode Status, string Text, string? ContentType, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Text) ?? throw new InvalidOperationException("The answer is JSON null.");

    public string? ETag => Headers.GetValueOrDefault("ETag");

    /// <summary>Checks the status, and fails with the whole answer where it is another.</summary>
    public Answer Is(HttpStatusCode status)
    {
        Assert.True(Status == status, $"Expected {(int)status}, but got {this}");
        return this;
    }

    /// <summary>
    /// Checks that the answer is a problem document of RFC 9457 with a stable type and code, a title, and a detail.
    /// </summary>
    public JsonNode IsProblem(HttpStatusCode status)
    {
        Is(status);
        Assert.Equal("application/problem+json", ContentType);
        var problem = Json;
        Assert.Equal((int)status, problem["status"]!.GetValue<int>());
        Assert.False(string.IsNullOrWhiteSpace(problem["title"]?.GetValue<string>()), Text);
        Assert.False(string.IsNullOrWhiteSpace(problem["detail"]?.GetValue<string>()), Text);
        var code = problem["code"]?.GetValue<string>();
        Assert.False(string.IsNullOrWhiteSpace(code), Text);
        Assert.Equal("urn:granary:problem:" + code, problem["type"]?.GetValue<string>());
        return problem;
    }

    public override string ToString() => $"{(int)Status} {Status} ({ContentType}): {Text}";
}
