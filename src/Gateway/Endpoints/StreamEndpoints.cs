using Granary.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Granary.Gateway;

/// <summary><c>/api/streams/{category}/{key}</c>: head, events, state.</summary>
internal static class StreamEndpoints
{
    public const string PageDescription =
        "next is where the following page starts; more is whether more events follow. A page may end before its limit. "
        + "With Accept: " + CloudEvents.Batch + " it is a batch of CloudEvents: the following page starts after the "
        + "last one's granaryversion or granaryposition, until a batch is empty.";

    public const string Pattern = "/streams/{category}/{key}";

    public const string Tag = "Streams";

    // How often a stream may be truncated while a page begins.
    private const int TruncationsMax = 3;

    public static void Map(RouteGroupBuilder api)
    {
        var streams = api.MapGroup(Pattern).WithTags(Tag).WithMetadata(NamesInPath.Marker);
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
            .Produces<PageResponse>(200, "application/json", CloudEvents.Batch).ProducesProblems(400, 404, 410, 412);
        streams.MapHeavyRead("/state", State, ApiParameter.Version, ApiParameter.At, ApiParameter.KnownETag)
            .WithSummary("The state now, at a version or at an instant")
            .WithDescription("For streams and for every other aggregate.")
            .Produces<StateResponse>().Produces(304).ProducesProblems(400, 404, 410, 413);
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
        var page = await BeginPageAsync(context, stream, range, limit, reader);
        if (page.Current is null)
        {
            await page.DisposeAsync();
            ThrowIfAbsent(await reader.ReadHeadAsync(stream, context.RequestAborted));
        }

        return new PageResult(page, range.From.Value, static last => last.Version.Value);
    }

    // Who does not say where to begin begins with the first event that there is.
    private static async Task<PageReader> BeginPageAsync(
        HttpContext context, StreamName stream, StreamRange range, int limit, EventReader reader)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await BeginPageAsync(
                    context, reader.ReadStreamAsync(stream, range, context.RequestAborted), limit);
            }
            catch (StreamTruncatedException truncated) when (range.IsFromStart && tries <= TruncationsMax)
            {
                range = range with { From = new(truncated.First.Value - 1) };
            }
        }
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
            throw NoSuchVersion(head, wanted.Value);

        // A cancelled call returns before the grain's read has ended, and would release its lease among the reads: so
        // the token is not passed on.
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

    /// <summary>The problem that a stream has no such version yet.</summary>
    public static ApiProblem NoSuchVersion(StreamHead head, long version) => ApiProblem.NotFound(
        $"Stream {head.Stream} has no version {version}; it is at version {head.Version}.");

    /// <exception cref="ApiProblem">The stream holds no event.</exception>
    public static void ThrowIfAbsent(StreamHead head)
    {
        if (head.Version == StreamVersion.Zero)
            throw ApiProblem.NotFound($"Stream {head.Stream} holds no event. Append one to begin it.");
    }
}
