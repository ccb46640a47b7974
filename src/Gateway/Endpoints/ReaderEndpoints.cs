using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Granary.Gateway;

/// <summary><c>/api/projections</c> and <c>/api/subscriptions</c>: what follows the log, watched and steered.</summary>
internal static class ReaderEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        var projections = api.MapGroup("/projections").WithTags("Projections").WithMetadata(NamesInPath.Marker);
        projections.MapRead("", Projections).WithSummary("All projections with their builds")
            .Produces<ProjectionsResponse>().ProducesProblems(503);
        projections.MapRead("/{name}", Projection).WithSummary("A projection with its builds, and how far they are")
            .Produces<ProjectionResponse>().ProducesProblems(400, 404, 503);
        projections.MapPost("/{name}/rebuild", Rebuild).WithMetadata(ApiParameter.Publish)
            .WithSummary("Build the models anew from the log, beside those that serve queries")
            .WithDescription("When it has caught up it is compared with the build that serves queries, and is ready. "
                + "Where a build is in progress, none is begun.")
            .Produces<BuildResponse>(202).ProducesProblems(400, 404, 503);
        projections.MapPost("/{name}/builds/{build}/switch", Switch)
            .WithSummary("Have another build serve queries, at once")
            .Produces(204).ProducesProblems(400, 404, 409, 503);
        projections.MapDelete("/{name}/builds/{build}", Drop).WithSummary("Drop a build that serves no queries")
            .Produces(204).ProducesProblems(400, 404, 409, 503);
        MapSteering(projections);

        var subscriptions = api.MapGroup("/subscriptions").WithTags("Subscriptions").WithMetadata(NamesInPath.Marker);
        subscriptions.MapRead("", Subscriptions).WithSummary("All readers of the log that are no projections")
            .Produces<SubscriptionsResponse>().ProducesProblems(503);
        subscriptions.MapRead("/{name}", Subscription).WithSummary("How a reader of the log stands")
            .Produces<ReaderResponse>().ProducesProblems(400, 404, 503);
        MapSteering(subscriptions);
    }

    private static void MapSteering(RouteGroupBuilder readers)
    {
        readers.MapPost("/{name}/pause", Pause).WithSummary("Pause the reader, until it is resumed")
            .Produces(204).ProducesProblems(400, 404, 503);
        readers.MapPost("/{name}/resume", Resume).WithSummary("Resume the reader, paused or stopped")
            .Produces(204).ProducesProblems(400, 404, 503);
        readers.MapRead("/{name}/parked", Parked, ApiParameter.ModelLimit, ApiParameter.AfterParked)
            .WithSummary("The streams whose events wait, because one could not be handled")
            .Produces<ParkedPageResponse>().ProducesProblems(400, 404, 503);
        readers.MapPost("/{name}/parked/{category}/{key}/retry", Retry)
            .WithSummary("Handle the events of a parked stream again").Produces(204).ProducesProblems(400, 404, 503);
        readers.MapDelete("/{name}/parked/{category}/{key}", DropParked)
            .WithSummary("Drop the events of a parked stream that wait").Produces(204).ProducesProblems(400, 404, 503);
    }

    private static async Task<IResult> Projections(HttpContext context, IGrainFactory grains)
    {
        var views = await ProjectionsOf(grains).ReadAll(context.RequestAborted);
        var readers = ReaderResponse.Of(await ReadersOf(grains).GetStatus(null, context.RequestAborted));
        return new JsonResult<ProjectionsResponse>(
            new ProjectionsResponse([.. views.Select(one => ProjectionResponse.Of(one, readers))]),
            GatewayJson.Shared.ProjectionsResponse);
    }

    private static async Task<IResult> Projection(HttpContext context, string name, IGrainFactory grains)
    {
        var view = await ProjectionsOf(grains).Read(Name(context), context.RequestAborted);
        var readers = ReaderResponse.Of(await ReadersOf(grains).GetStatus(null, context.RequestAborted));
        return new JsonResult<ProjectionResponse>(
            ProjectionResponse.Of(view, readers), GatewayJson.Shared.ProjectionResponse);
    }

    private static async Task<IResult> Rebuild(HttpContext context, string name, IGrainFactory grains)
    {
        var publish = RequestQuery.Text(context.Request, "publish") switch
        {
            null or "false" => false,
            "true" => true,
            _ => throw RequestQuery.Invalid("publish is true or false."),
        };
        var build = await ProjectionsOf(grains).Rebuild(Name(context), publish, context.RequestAborted);
        return new JsonResult<BuildResponse>(
            BuildResponse.Of(build, null), GatewayJson.Shared.BuildResponse, StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> Switch(HttpContext context, string name, string build, IGrainFactory grains)
    {
        var (projection, wanted) = (Name(context), RequestTarget.Name(context, "build"));
        var done = await ProjectionsOf(grains).Switch(projection, wanted, context.RequestAborted);
        return done ? Results.NoContent() : throw await NotPossibleAsync(
            context, grains, projection, wanted, "It is not ready yet: look at its progress.");
    }

    private static async Task<IResult> Drop(HttpContext context, string name, string build, IGrainFactory grains)
    {
        var (projection, wanted) = (Name(context), RequestTarget.Name(context, "build"));
        var done = await ProjectionsOf(grains).Drop(projection, wanted, context.RequestAborted);
        return done ? Results.NoContent() : throw await NotPossibleAsync(
            context, grains, projection, wanted, "It serves queries: switch to another build before.");
    }

    private static async Task<ApiProblem> NotPossibleAsync(
        HttpContext context, IGrainFactory grains, string projection, string build, string reason)
    {
        var view = await ProjectionsOf(grains).Read(projection, context.RequestAborted);
        return view.Builds.Any(one => one.Name == build)
            ? new ApiProblem(409, "build-in-use", "Not possible with this build", $"{build}: {reason}")
            : ApiProblem.NotFound($"The projection '{projection}' has no build '{build}'.");
    }

    private static async Task<IResult> Subscriptions(HttpContext context, IGrainFactory grains)
    {
        var statuses = await ReadersOf(grains).GetStatus(null, context.RequestAborted);
        return new JsonResult<SubscriptionsResponse>(
            new SubscriptionsResponse(ReaderResponse.Of(
                statuses.Where(static one => one.Kind != ReaderKind.Projection))),
            GatewayJson.Shared.SubscriptionsResponse);
    }

    private static async Task<IResult> Subscription(HttpContext context, string name, IGrainFactory grains)
    {
        var statuses = await ReadersOf(grains).GetStatus(Name(context), context.RequestAborted);
        var settings = statuses[0].Kind == ReaderKind.Subscription
            ? await grains.GetGrain<ISubscriptionsGrain>(0).Find(statuses[0].Name, context.RequestAborted)
            : null;
        var response = ReaderResponse.Of(statuses)[0] with
        {
            Settings = settings is null ? null : SubscriptionResponse.Of(statuses[0].Name, settings),
        };
        return new JsonResult<ReaderResponse>(response, GatewayJson.Shared.ReaderResponse);
    }

    private static async Task<IResult> Pause(HttpContext context, string name, IGrainFactory grains)
    {
        await ReadersOf(grains).Pause(Name(context), context.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> Resume(HttpContext context, string name, IGrainFactory grains)
    {
        await ReadersOf(grains).Resume(Name(context), context.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> Parked(HttpContext context, string name, IGrainFactory grains)
    {
        var page = await ReadersOf(grains).ReadParked(
            Name(context), RequestQuery.Text(context.Request, "after"), RequestQuery.Limit(context.Request),
            context.RequestAborted);
        return new JsonResult<ParkedPageResponse>(
            new ParkedPageResponse([.. page.Streams.Select(ParkedResponse.Of)], page.Next),
            GatewayJson.Shared.ParkedPageResponse);
    }

    private static async Task<IResult> Retry(
        HttpContext context, string name, string category, string key, IGrainFactory grains)
    {
        var stream = RequestTarget.Stream(context);
        return await ReadersOf(grains).RetryParked(Name(context), stream, context.RequestAborted)
            ? Results.NoContent()
            : throw NotParked(context, stream);
    }

    private static async Task<IResult> DropParked(
        HttpContext context, string name, string category, string key, IGrainFactory grains)
    {
        var stream = RequestTarget.Stream(context);
        return await ReadersOf(grains).DropParked(Name(context), stream, context.RequestAborted)
            ? Results.NoContent()
            : throw NotParked(context, stream);
    }

    private static ApiProblem NotParked(HttpContext context, StreamName stream) =>
        ApiProblem.NotFound($"The stream {stream} is not parked by '{Name(context)}'.");

    private static string Name(HttpContext context) => RequestTarget.Name(context, "name");

    private static IReadersGrain ReadersOf(IGrainFactory grains) => grains.GetGrain<IReadersGrain>(0);

    private static IProjectionsGrain ProjectionsOf(IGrainFactory grains) => grains.GetGrain<IProjectionsGrain>(0);
}
