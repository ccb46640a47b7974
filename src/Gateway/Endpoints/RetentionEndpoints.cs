using Granary.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Granary.Gateway;

/// <summary>Deletes and truncates streams of JSON events. Those of aggregates are left to the aggregates.</summary>
internal static class RetentionEndpoints
{
    // Each further try means that another writer was faster.
    private const int TriesMax = 3;

    public static void Map(RouteGroupBuilder api)
    {
        var streams = api.MapGroup(StreamEndpoints.Pattern).WithTags(StreamEndpoints.Tag)
            .WithMetadata(NamesInPath.Marker);
        streams.MapDelete("", Delete).WithMetadata(ApiParameter.IfMatch).WithSummary("Delete the stream")
            .WithDescription("All its events are gone, and it begins again at version 1. If-Match is required: with "
                + "the stream's ETag nothing is deleted that came since, with * whatever it holds.")
            .Produces(204).ProducesProblems(400, 403, 404, 409, 412, 428, 503);
        streams.MapDelete("/events", Truncate).WithMetadata(ApiParameter.BeforeVersion, ApiParameter.IfMatch)
            .WithSummary("Remove the events before a version")
            .WithDescription("The stream's state and version stay. What was removed is answered with 410. Events that "
                + "a reader of the log has not passed stay; heldBackBy names that reader then.")
            .Produces<TruncateResponse>().ProducesProblems(400, 403, 404, 409, 412, 503);
    }

    private static async Task<IResult> Delete(
        HttpContext context, string category, string key, IGranaryClient client, EventReader reader)
    {
        var stream = StreamOf(context, client);
        var expected = RequestHeaders.RequiredMatch(context.Request);
        for (var tries = 1; ; tries++)
        {
            var head = await reader.ReadHeadAsync(stream, context.RequestAborted);
            StreamEndpoints.ThrowIfAbsent(head);
            if (!Array.Exists(expected, one => one.IsMetBy(head.Version, head.Position.Position)))
                throw Problems.WrongVersion(
                    expected, new(AppendOutcome.Conflict, StreamVersion.Zero, head.Version, head.Position));
            try
            {
                // Whatever it holds is deleted with what comes until then.
                var deleted = expected is [{ Kind: ExpectedVersionKind.StreamExists }]
                    ? ExpectedVersion.StreamExists
                    : ExpectedVersion.Exactly(head.Version, head.Position.Position);
                await client.DeleteStreamAsync(stream, deleted, CancellationToken.None);
                return Results.NoContent();
            }
            catch (WrongExpectedVersionException) when (tries < TriesMax)
            {
                // What was expected is compared with what has come.
            }
        }
    }

    private static async Task<IResult> Truncate(
        HttpContext context, string category, string key, IGranaryClient client, EventReader reader)
    {
        var stream = StreamOf(context, client);
        var expected = RequestHeaders.Expected(context.Request);
        var before = RequestQuery.Number(context.Request, "before", min: 1)
            ?? throw ApiProblem.BadRequest("invalid-query", "Send before: the version of the first event that stays.");
        var head = await reader.ReadHeadAsync(stream, context.RequestAborted);
        StreamEndpoints.ThrowIfAbsent(head);
        if (!Array.Exists(expected, one => one.IsMetBy(head.Version, head.Position.Position)))
            throw Problems.WrongVersion(
                expected, new(AppendOutcome.Conflict, StreamVersion.Zero, head.Version, head.Position));
        if (before > head.Version.Value) throw StreamEndpoints.NoSuchVersion(head, before);
        try
        {
            var seen = new TruncateOptions { Seen = head };
            var answer = await client.TruncateStreamAsync(stream, new(before), seen, CancellationToken.None);
            return JsonResult.Of(new TruncateResponse(stream.ToString(), answer.First.Value, answer.HeldBackBy));
        }
        catch (ArgumentOutOfRangeException)
        {
            throw ApiProblem.NotFound($"Stream {stream} has no version {before} any more: it was cleared just now.");
        }
    }

    private static StreamName StreamOf(HttpContext context, IGranaryClient client)
    {
        var stream = RequestTarget.Stream(context);
        return client.IsOfAggregate(stream.Category) ? throw new CategoryOwnedException(stream.Category) : stream;
    }
}
