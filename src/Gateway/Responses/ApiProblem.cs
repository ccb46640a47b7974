namespace Granary.Gateway;

/// <summary>A request that is refused or failed, as it is reported to the caller.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">What programs recognise it by; part of the API.</param>
/// <param name="title">What kind of problem it is, in words.</param>
/// <param name="detail">What happened and what to do.</param>
internal sealed class ApiProblem(int status, string code, string title, string detail) : Exception(detail)
{
    public int Status => status;

    public string Code => code;

    public string Title => title;

    /// <summary>Further members of the problem document.</summary>
    public Dictionary<string, object?> Members { get; init; } = [];

    public static ApiProblem BadRequest(string code, string detail) =>
        new(400, code, "The request cannot be understood", detail);

    public static ApiProblem NotFound(string detail) => new(404, "not-found", "Not found", detail);

    /// <summary>The same problem, of one event of an array.</summary>
    public ApiProblem At(int index) => new(status, code, title, $"At [{index}] of the array: {Message}")
    {
        Members = new Dictionary<string, object?>(Members) { ["index"] = index },
    };
}
