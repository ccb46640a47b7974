using Granary.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Granary.Gateway;

/// <summary><c>/api/appends</c>: many appends to many streams over one request.</summary>
internal static class AppendEndpoints
{
    /// <summary>The media type of JSON line by line.</summary>
    public const string Lines = "application/x-ndjson";

    private const string LinesToo = "application/jsonl";

    public static void Map(RouteGroupBuilder api) => api.MapPost("/appends", Append).WithTags("Streams")
        .WithSummary("Append to many streams")
        .WithDescription("JSON line by line, an append a line: {\"id\",\"stream\",\"expected\"?,\"idempotencyKey\"?,"
            + "\"events\":[...]}. Each is answered by a line of its own as soon as it is durable, with the number and "
            + "the id of its line, and fails alone. Appends to one stream are stored in their order; all others run at "
            + "the same time. expected is a version (0: no stream yet), the text of an ETag, \"none\" or \"exists\". "
            + "Read the answers while you send: who does not is slowed down, and cut off in the end. An empty line "
            + "keeps a request open that has nothing to send.")
        .Accepts<AppendLineRequest>(Lines, ApiDescription.AnyType)
        .Produces<AppendLineResponse>(200, Lines).ProducesProblems(400, 403, 415, 503);

    private static IResult Append(HttpContext context, IGranaryClient client, AppendRequests open)
    {
        if (RequestBody.MediaType(context.Request) is not (Lines or LinesToo))
            throw new ApiProblem(
                415, "unsupported-content-type", "The content type is not supported",
                $"Send JSON line by line with Content-Type: {Lines}.");
        RequestHeaders.RefuseAllOfLines(context.Request);
        RequestBody.CheckCharset(context.Request);
        RequestBody.CheckEncoding(context.Request);
        return new AppendsResult(client, open.Enter());
    }
}
