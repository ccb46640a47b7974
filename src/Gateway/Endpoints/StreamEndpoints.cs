using Granary.Client;
using Granary.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Granary.Gateway;

/// <summary><c>/api/streams/{category}/{key}</c>: append, head, events, state.</summary>
internal static class StreamEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        var streams = api.MapGroup("/streams/{category}/{key}").WithTags("Streams");
        streams.MapPost("", Append).WithSummary("Append events")
            .WithDescription("One event or an array of {\"type\",\"data\",\"id\"?,\"metadata\"?}, or CloudEvents 1.0 "
                + "(structured, batched, binary). If-Match: \"7\" expects version 7, If-None-Match: * no stream. "
                + "Idempotency-Key makes a retry safe.")
            .Accepts<EventDescription>("application/json", CloudEvents.Structured, CloudEvents.Batch, "*/*")
            .Produces<AppendDescription>(201).Produces<AppendDescription>(200)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(412).ProducesProblem(413).ProducesProblem(415)
            .ProducesProblem(422).ProducesProblem(503)
            .WithMetadata(ApiParameter.IfMatch, ApiParameter.IfNoneMatch, ApiParameter.IdempotencyKey)
            .AddOpenApiOperationTransformer(ApiDescription.DescribeBodiesAsync);
        streams.MapGet("", Head).WithSummary("Where the stream ends")
            .Produces<HeadDescription>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);
        streams.MapGet("/events", Events).WithSummary("A page of the stream's events")
            .WithDescription("after is exclusive; backward it is the version before which to start, and 0 the end.")
            .WithMetadata(ApiParameter.After, ApiParameter.Limit, ApiParameter.Direction)
            .Produces<PageDescription>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);
        streams.MapGet("/state", State).WithSummary("The state now, at a version or at an instant")
            .WithDescription("For streams and for every other aggregate.")
            .WithMetadata(ApiParameter.Version, ApiParameter.At, ApiParameter.KnownETag)
            .Produces<StateDescription>().Produces(304).ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);
    }

    private static async Task<IResult> Append(HttpContext context, string category, string key, IGranaryClient client)
    {
        var stream = RequestTarget.Stream(context);
        var expected = RequestHeaders.Expected(context.Request);
        var idempotencyKey = RequestHeaders.IdempotencyKey(context.Request);
        var events = await EventBody.ReadAsync(context.Request, context.RequestAborted);
        var append = new StreamAppend(events, expected, idempotencyKey);

        // It goes on whether its caller listens or not, so nobody is told early that he has gone.
        var answer = await client.AppendAsync(stream, append, CancellationToken.None);
        if (answer.Outcome == AppendOutcome.Conflict) throw Problems.WrongVersion(expected, answer.Version);

        context.Response.Headers.ETag = RequestHeaders.ETag(answer.Version);
        return Answers.Append(stream, answer);
    }

    private static async Task<IResult> Head(HttpContext context, string category, string key, IGranaryClient client)
    {
        var head = await client.ReadHeadAsync(RequestTarget.Stream(context), context.RequestAborted);
        ThrowIfAbsent(head);
        context.Response.Headers.ETag = RequestHeaders.ETag(head.Version);
        return Results.Json(HeadDescription.Of(head), Answers.Json);
    }

    private static async Task<IResult> Events(
        HttpContext context, string category, string key, string? after, string? limit, string? direction,
        IGranaryClient client)
    {
        var stream = RequestTarget.Stream(context);
        var (from, size) = (RequestQuery.Number("after", after) ?? 0, RequestQuery.Limit(limit));
        var order = RequestQuery.Direction(direction);
        if (order == ReadDirection.Backward && from == 0) from = long.MaxValue;
        var page = await client.ReadStreamAsync(stream, new(from), size, order, context.RequestAborted);
        if (page.Events.Count == 0) ThrowIfAbsent(await client.ReadHeadAsync(stream, context.RequestAborted));
        return Answers.Page(page, static last => last.Version.Value);
    }

    private static async Task<IResult> State(
        HttpContext context, string category, string key, string? version, string? at, IGranaryClient client)
    {
        var stream = RequestTarget.Stream(context);
        var (wanted, instant) = (RequestQuery.Number("version", version), RequestQuery.Instant("at", at));
        if (wanted is not null && instant is not null) throw ApiProblem.BadRequest("Send version or at, not both.");
        var head = await client.ReadHeadAsync(stream, context.RequestAborted);
        ThrowIfAbsent(head);
        if (wanted > head.Version.Value)
            throw ApiProblem.NotFound($"Stream {stream} has no version {wanted}; it is at version {head.Version}.");

        var view = await ReadAsync(client, stream, wanted, instant, context.RequestAborted);
        // The aggregate may not have heard yet of what another silo wrote; what was readable before this call counts.
        if (wanted is null && instant is null && view.Version < head.Version)
            view = await client.ReadStateAsync(stream, head.Version, context.RequestAborted);
        context.Response.Headers.ETag = RequestHeaders.ETag(view.Version);
        return RequestHeaders.Knows(context.Request, view.Version)
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Answers.State(view);
    }

    private static Task<StateView> ReadAsync(
        IGranaryClient client, StreamName stream, long? version, DateTimeOffset? instant, CancellationToken token) =>
        version is not null ? ReadAtAsync(client, stream, new StreamVersion(version.Value), token)
        : instant is not null ? client.ReadStateAsync(stream, instant.Value, token)
        : client.ReadStateAsync(stream, token);

    private static async Task<StateView> ReadAtAsync(
        IGranaryClient client, StreamName stream, StreamVersion version, CancellationToken token)
    {
        try
        {
            return await client.ReadStateAsync(stream, version, token);
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
