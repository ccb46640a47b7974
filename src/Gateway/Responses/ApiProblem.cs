namespace Granary.Gateway;

/// <summary>A request that cannot be done, as it is told to the caller.</summary>
internal sealed class ApiProblem(int status, string title, string detail) : Exception(detail)
{
    public int Status => status;

    public string Title => title;

    /// <summary>Further members of the problem document.</summary>
    public Dictionary<string, object?> Members { get; init; } = [];

    public static ApiProblem BadRequest(string detail) => new(400, "The request cannot be understood", detail);

    public static ApiProblem NotFound(string detail) => new(404, "There is no such thing", detail);
}
