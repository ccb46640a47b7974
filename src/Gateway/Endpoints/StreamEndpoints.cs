using Granary.Client;
using Granary.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Granary.Gateway;

/// <summary><c>/api/streams/{category}/{key}</c>: append, head, events, state.</summary>
internal static class StreamEndpoints
{
    public const string PageDescription =
        "next is where the following page starts; more is whether more events follow. A page may end before its limit. "
        + "With Accept: " + CloudEvents.Batch + " it is a batch of CloudEvents: the following page starts after the "
        + "last one's granaryversion or granaryposition, until a batch is empty.";

    public static void Map(RouteGroupBuilder api)
    {
        var streams = api.MapGroup("/streams/{category}/{key}").WithTags("Streams").WithMetadata(NamesInPath.Marker);
        streams.MapPost("", Append).WithSummary("Append events")
            .WithDescription("One event or an array of {\"type\",\"data\",\"id\"?,\"metadata\"?}, or CloudEvents 1.0 "
                + "(structured, batched, binary). If-Match: \"7-42\" expects the stream with that ETag, "
                + "If-None-Match: * no stream. Idempotency-Key makes a retry safe. CloudEvents are safe to send again "
                + "without one, in any batch: one whose source and id the stream holds is not stored again.")
            .Accepts<EventRequest>(
                "application/json", CloudEvents.Structured, CloudEvents.Batch, ApiDescription.AnyType)
            .Produces<AppendResponse>(201).Produces<AppendResponse>(200).Produces(204)
            .ProducesProblems(400, 403, 409, 412, 413, 415, 422, 503)
            .WithMetadata(ApiParameter.IfMatch, ApiParameter.IfNoneMatch, ApiParameter.IdempotencyKey)
            .AddOpenApiOperationTransformer(ApiDescription.DescribeBodiesAsync);
        streams.MapMethods("", [HttpMethods.Options], WebHook.Allow)
            .WithSummary("Request permission to deliver CloudEvents")
            .WithDescription("The handshake of CloudEvents' web hooks: WebHook-Request-Origin is allowed "
                + "where the server's operator has named it.")
            .WithMetadata(ApiParameter.WebHookOrigin).Produces(200).ProducesProblems(400);
        streams.MapRead("", Head, ApiParameter.KnownETag).WithSummary("Where the stream ends")
            .Produces<HeadResponse>().Produces(304).ProducesProblems(400, 404, 503);
        streams.MapHeavyRead(
                "/events", Events, ApiParameter.AfterVersion, ApiParameter.Before, ApiParameter.Limit,
                ApiParameter.Direction)
            .WithSummary("A page of the stream's events").WithDescription(PageDescription)
            .Produces<PageResponse>(200, "application/json", CloudEvents.Batch).ProducesProblems(400, 404, 412);
        streams.MapHeavyRead("/state", State, ApiParameter.Version, ApiParameter.At, ApiParameter.KnownETag)
            .WithSummary("The state now, at a version or at an instant")
            .WithDescription("For streams and for every other aggregate.")
            .Produces<StateResponse>().Produces(304).ProducesProblems(400, 404, 413);
    }

    /// <summary>Begins a page, in the form that the caller accepts.</summary>
    public static Task<PageReader> BeginPageAsync(
        HttpContext context, IAsyncEnumerable<RecordedEvent> events, int limit)
    {
        context.Response.Headers.Vary = "Accept";
        return PageReader.BeginAsync(
            events, limit, Acceptance.IsCloudEvents(context.Request) ? CloudEventResponse.Of : EventResponse.Of,
            context.RequestAborted);
    }

    private static async Task<IResult> Append(HttpContext context, string category, string key, IGranaryClient client)
    {
        var stream = RequestTarget.Stream(context);
        var expected = RequestHeaders.Expected(context.Request);
        var idempotencyKey = RequestHeaders.IdempotencyKey(context.Request);
        var body = await EventBody.ReadAsync(context.Request, context.RequestAborted);
        if (body.Events.Count == 0) return Results.NoContent();
        var append = new StreamAppend(
            body.Events, expected[0], idempotencyKey ?? body.CloudEventsKey,
            AreCloudEvents: idempotencyKey is null && body.CloudEventsKey is not null);

        var answer = await AppendAsync(client, stream, append, expected);
        context.Response.Headers.ETag = StreamETag.Of(answer.Version, answer.Position);
        return JsonResult.Of(
            AppendResponse.Of(stream, answer),
            answer.Outcome == AppendOutcome.Appended ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    // Of several versions that may be met, a conflict names the one that the stream is at, if it is among them. Each
    // further try means that another writer was faster, so there are not more of them than versions.
    private static async Task<StreamAppendAnswer> AppendAsync(
        IGranaryClient client, StreamName stream, StreamAppend append, ExpectedVersion[] expected)
    {
        for (var tries = 1; ; tries++)
        {
            // It runs to its end whether its caller waits or not, so the caller is not answered before.
            var answer = await client.AppendAsync(stream, append, CancellationToken.None);
            if (answer.Outcome != AppendOutcome.Conflict) return answer;
            var at = tries > expected.Length ? -1 : Array.FindIndex(
                expected, one => one != append.Expected && one.IsMetBy(answer.Version, answer.Position.Position));
            if (at < 0) throw Problems.WrongVersion(expected, answer);
            append = append with { Expected = expected[at] };
        }
    }

    private static async Task<IResult> Head(HttpContext context, string category, string key, EventReader reader)
    {
        var head = await reader.ReadHeadAsync(RequestTarget.Stream(context), context.RequestAborted);
        ThrowIfAbsent(head);
        return IsKnown(context, head.Version, head.Position) ?? JsonResult.Of(HeadResponse.Of(head));
    }

    private static async Task<IResult> Events(HttpContext context, string category, string key, EventReader reader)
    {
        var stream = RequestTarget.Stream(context);
        var range = RequestQuery.Range(context.Request);
        var limit = RequestQuery.Limit(context.Request);
        var events = reader.ReadStreamAsync(stream, range, context.RequestAborted);
        var page = await BeginPageAsync(context, events, limit);
        if (page.Current is null)
        {
            await page.DisposeAsync();
            ThrowIfAbsent(await reader.ReadHeadAsync(stream, context.RequestAborted));
        }

        return new PageResult(page, range.From.Value, static last => last.Version.Value);
    }

    private static async Task<IResult> State(
        HttpContext context, string category, string key, IGranaryClient client, EventReader reader)
    {
        var token = context.RequestAborted;
        var stream = RequestTarget.Stream(context);
        var wanted = RequestQuery.Number(context.Request, "version");
        var instant = RequestQuery.Instant(context.Request, "at");
        if (wanted is not null && instant is not null)
            throw ApiProblem.BadRequest("invalid-query", "Send version or at, not both.");
        var head = await reader.ReadHeadAsync(stream, token);
        ThrowIfAbsent(head);
        if (wanted > head.Version.Value)
            throw ApiProblem.NotFound($"Stream {stream} has no version {wanted}; it is at version {head.Version}.");

        // A grain folds to the end whether its caller waits or not: the place among the reads is free after that.
        token.ThrowIfCancellationRequested();
        var view = wanted is not null ? await ReadAtAsync(client, stream, new StreamVersion(wanted.Value))
            : instant is not null ? await client.ReadStateAsync(stream, instant.Value, CancellationToken.None)
            : await client.ReadStateAsync(stream, CancellationToken.None);
        return IsKnown(context, view.Version, view.Position) ?? new StateResult(StateResponse.Of(view));
    }

    // Sets the ETag; the result is 304 where the caller has that version.
    private static IResult? IsKnown(HttpContext context, StreamVersion version, LogPosition position)
    {
        var etag = StreamETag.Of(version, position);
        context.Response.Headers.ETag = etag;
        return RequestHeaders.MatchesIfNoneMatch(context.Request, etag)
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : null;
    }

    private static async Task<StateView> ReadAtAsync(
        IGranaryClient client, StreamName stream, StreamVersion version)
    {
        try
        {
            return await client.ReadStateAsync(stream, version, CancellationToken.None);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw ApiProblem.NotFound($"Stream {stream} has no version {version} any more: it was cleared just now.");
        }
    }

    private static void ThrowIfAbsent(StreamHead head)
    {
        if (head.Version == StreamVersion.Zero)
            throw ApiProblem.NotFound($"Stream {head.Stream} holds no event. Append one to begin it.");
    }
}
