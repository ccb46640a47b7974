using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Granary.Gateway;

/// <summary>Reads conditions and the idempotency key. What is not understood is refused.</summary>
internal static class RequestHeaders
{
    /// <summary>How many versions an <c>If-Match</c> may name.</summary>
    public const int TagsMax = 10;

    /// <summary>How many characters an idempotency key has at most.</summary>
    public const int IdempotencyKeyLengthMax = 200;

    private const string IdempotencyKeyName = "Idempotency-Key";

    private static readonly ExpectedVersion[] Any = [ExpectedVersion.Any];
    private static readonly ExpectedVersion[] NoStream = [ExpectedVersion.NoStream];
    private static readonly ExpectedVersion[] StreamExists = [ExpectedVersion.StreamExists];

    // A condition that is sent and not checked here would make a write unconditional.
    private static readonly string[] UncheckedConditions =
        [HeaderNames.IfModifiedSince, HeaderNames.IfUnmodifiedSince, HeaderNames.IfRange];

    private static readonly string[] Conditions =
        [HeaderNames.IfMatch, HeaderNames.IfNoneMatch, .. UncheckedConditions];

    /// <summary>
    /// What an append expects: one version or another of <c>If-Match</c>, no stream by <c>If-None-Match: *</c>, or
    /// anything. At least one; any of them may be met.
    /// </summary>
    public static ExpectedVersion[] Expected(HttpRequest request)
    {
        RefuseAny(request, UncheckedConditions, "is not checked here. Use If-Match with the stream's ETag.");
        var hasMatch = request.Headers.TryGetValue(HeaderNames.IfMatch, out var match);
        if (request.Headers.TryGetValue(HeaderNames.IfNoneMatch, out var noneMatch))
        {
            if (hasMatch) throw Invalid("Send If-Match or If-None-Match, not both.");
            return noneMatch is ["*"]
                ? NoStream
                : throw Invalid("If-None-Match takes only * here: that there is no stream yet.");
        }

        if (!hasMatch) return Any;
        if (match is ["*"]) return StreamExists;
        var tags = Tags(HeaderNames.IfMatch, match);
        if (tags.Count > TagsMax) throw Invalid($"If-Match names at most {TagsMax} versions.");
        var expected = new ExpectedVersion[tags.Count];
        for (var at = 0; at < expected.Length; at++)
        {
            expected[at] = (tags[at].IsWeak ? null : StreamETag.TryParse(tags[at].Tag))
                ?? throw Invalid("If-Match takes ETags of the stream, as in \"7-42\", or a version in quotes, as in "
                    + "\"7\", or * alone.");
        }

        return expected;
    }

    /// <summary>
    /// What a deletion expects: one version or another of <c>If-Match</c>, or that the stream exists.
    /// </summary>
    /// <exception cref="ApiProblem">There is no <c>If-Match</c>, or another condition.</exception>
    public static ExpectedVersion[] RequiredMatch(HttpRequest request) =>
        request.Headers.ContainsKey(HeaderNames.IfMatch)
            ? Expected(request)
            : throw new ApiProblem(
                428, "precondition-required", "A condition is required",
                "Send If-Match with the ETag of the stream as you saw it, or with * for whatever it holds.");

    /// <summary>Refuses every condition, for a call that checks none.</summary>
    public static void RefuseConditions(HttpRequest request) =>
        RefuseAny(request, Conditions, "is not checked by this call. Send it without.");

    /// <summary>Refuses conditions and an idempotency key, for a call whose lines have their own.</summary>
    public static void RefuseAllOfLines(HttpRequest request)
    {
        RefuseAny(
            request, [.. Conditions, IdempotencyKeyName],
            "is not for a request of many appends. Each line has its own.");
        RefuseAny(
            request, [ModelConfirmation.Asked],
            "is not for a request of many appends. Read the models with Granary-Min-Position.");
    }

    /// <summary>The request's own id, or null.</summary>
    public static string? IdempotencyKey(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(IdempotencyKeyName, out var values)) return null;
        return values is [{ Length: > 0 and <= IdempotencyKeyLengthMax } key]
            ? key
            : throw Invalid(
                $"A request has one Idempotency-Key at most, of 1 to {IdempotencyKeyLengthMax} characters.");
    }

    /// <summary>
    /// Whether the caller has the version that an ETag names. Only the whole ETag counts: a version alone may be
    /// another generation's.
    /// </summary>
    public static bool MatchesIfNoneMatch(HttpRequest request, string etag)
    {
        if (!request.Headers.TryGetValue(HeaderNames.IfNoneMatch, out var values)) return false;
        if (values is ["*"]) return true;
        foreach (var tag in Tags(HeaderNames.IfNoneMatch, values))
        {
            if (tag.Tag.Equals(etag, StringComparison.Ordinal)) return true;
        }

        return false;
    }

    private static IList<EntityTagHeaderValue> Tags(string header, StringValues values) =>
        EntityTagHeaderValue.TryParseStrictList(values!, out var tags) && tags.All(static one => one.Tag != "*")
            ? tags
            : throw Invalid($"{header} is a list of ETags in quotes, as in \"7-42\", or * alone.");

    private static void RefuseAny(HttpRequest request, string[] headers, string reason)
    {
        foreach (var header in headers)
        {
            if (request.Headers.ContainsKey(header)) throw Invalid($"{header} {reason}");
        }
    }

    private static ApiProblem Invalid(string detail) => ApiProblem.BadRequest("invalid-header", detail);
}
