using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>Reads the headers that mean something here.</summary>
internal static class RequestHeaders
{
    private const int IdempotencyKeyLengthMax = 200;

    /// <summary><c>If-Match: "7"</c> expects version 7, <c>If-None-Match: *</c> no stream, neither any.</summary>
    public static ExpectedVersion Expected(HttpRequest request)
    {
        var match = request.Headers.IfMatch.ToString();
        var noneMatch = request.Headers.IfNoneMatch.ToString();
        if (match.Length > 0 && noneMatch.Length > 0)
            throw ApiProblem.BadRequest("Send If-Match or If-None-Match, not both.");
        if (noneMatch.Length > 0)
        {
            return noneMatch == "*"
                ? ExpectedVersion.NoStream
                : throw ApiProblem.BadRequest("If-None-Match takes only * here: that there is no stream yet.");
        }

        if (match.Length == 0) return ExpectedVersion.Any;
        if (match == "*") return ExpectedVersion.StreamExists;
        return Version(match) is { } version
            ? ExpectedVersion.Exactly(version)
            : throw ApiProblem.BadRequest("If-Match takes the version in quotes, as in \"7\", or *.");
    }

    /// <summary>The request's own id, or null.</summary>
    public static string? IdempotencyKey(HttpRequest request)
    {
        if (!request.Headers.TryGetValue("Idempotency-Key", out var values)) return null;
        return values is [{ Length: > 0 and <= IdempotencyKeyLengthMax } key]
            ? key
            : throw ApiProblem.BadRequest(
                $"A request has one Idempotency-Key at most, of 1 to {IdempotencyKeyLengthMax} characters.");
    }

    /// <summary>Whether the caller has this version already.</summary>
    public static bool Knows(HttpRequest request, StreamVersion version) =>
        request.Headers.IfNoneMatch.ToString().Split(',').Select(static tag => tag.Trim())
            .Any(tag => tag == "*" || tag == ETag(version) || tag == "W/" + ETag(version));

    public static string ETag(StreamVersion version) => $"\"{version}\"";

    private static StreamVersion? Version(string tag) => tag is ['"', .. var digits, '"']
        && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? new StreamVersion(version)
            : null;
}
