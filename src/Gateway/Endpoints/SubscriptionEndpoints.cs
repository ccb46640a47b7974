using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Granary.Gateway;

/// <summary>
/// <c>/api/subscriptions/{name}</c>: durable subscriptions, whose events consumers lease and acknowledge.
/// </summary>
internal static class SubscriptionEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        var subscriptions = api.MapGroup("/subscriptions").WithTags("Subscriptions").WithMetadata(NamesInPath.Marker);
        subscriptions.MapPut("/{name}", Create).WithSummary("Create a durable subscription")
            .WithDescription("Where it exists with the same settings nothing changes, and the answer is 200.")
            .Accepts<SubscriptionRequest>("application/json", ApiDescription.AnyType)
            .Produces<SubscriptionResponse>(201).Produces<SubscriptionResponse>()
            .ProducesProblems(400, 409, 413, 415, 503);
        subscriptions.MapDelete("/{name}", Delete)
            .WithSummary("Delete a durable subscription, with its progress and its parked streams")
            .Produces(204).ProducesProblems(400, 404, 503);
        subscriptions.MapPost("/{name}/next", Next).WithSummary("Lease the next events, at most one of each stream")
            .Accepts<NextEventsRequest>(isOptional: true, "application/json", ApiDescription.AnyType)
            .Produces<NextEventsResponse>().ProducesProblems(400, 404, 413, 415, 503);
        subscriptions.MapPost("/{name}/ack", Ack).WithSummary("Acknowledge events: they are never handed out again")
            .Accepts<AckRequest>("application/json", ApiDescription.AnyType)
            .Produces<LeasesResponse>().ProducesProblems(400, 404, 413, 415, 503);
        subscriptions.MapPost("/{name}/nack", Nack)
            .WithSummary("Refuse events: they are handed out again later, or their streams are parked")
            .Accepts<NackRequest>("application/json", ApiDescription.AnyType)
            .Produces<LeasesResponse>().ProducesProblems(400, 404, 413, 415, 503);
    }

    private static async Task<IResult> Create(HttpContext context, string name, IGrainFactory grains)
    {
        var (sent, body) = (Name(context), await CommandBody.ReadAsync(
            context.Request, GatewayJson.Shared.SubscriptionRequest));
        var settings = body.ToSettings();
        var created = await CallAsync(() => Grain(grains).Create(sent, settings, context.RequestAborted));
        return new JsonResult<SubscriptionResponse>(
            SubscriptionResponse.Of(sent, settings), GatewayJson.Shared.SubscriptionResponse,
            created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> Delete(HttpContext context, string name, IGrainFactory grains)
    {
        var sent = Name(context);
        return await Grain(grains).Delete(sent, context.RequestAborted)
            ? Results.NoContent()
            : throw ApiProblem.NotFound($"There is no durable subscription '{sent}'.");
    }

    private static async Task<IResult> Next(HttpContext context, string name, IGrainFactory grains)
    {
        var (sent, body) = (Name(context), new NextEventsRequest());
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false)
            body = await CommandBody.ReadAsync(context.Request, GatewayJson.Shared.NextEventsRequest);
        var (lease, wait) = (RequestTime.OfMs(body.LeaseMs, "leaseMs"), RequestTime.OfMs(body.WaitMs, "waitMs")!.Value);
        if (wait > SubscriptionSettings.WaitMax)
            throw ApiProblem.BadRequest(
                "invalid-body", $"waitMs is at most {SubscriptionSettings.WaitMax.TotalMilliseconds}.");
        var events = await NextAsync(context, new NextCall(sent, body.Limit, lease, wait), Grain(grains));
        return new JsonResult<NextEventsResponse>(
            NextEventsResponse.Of(events), GatewayJson.Shared.NextEventsResponse);
    }

    private static Task<IReadOnlyList<Delivery>> NextAsync(
        HttpContext context, NextCall call, ISubscriptionsGrain grain)
    {
        var services = context.RequestServices;
        var stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        return new NextWait(services.GetService<TimeProvider>() ?? TimeProvider.System, stopping).RunAsync(
            call.Wait,
            wait => CallAsync(() => grain.Next(call.Name, call.Limit, call.Lease, wait, context.RequestAborted)));
    }

    private static async Task<IResult> Ack(HttpContext context, string name, IGrainFactory grains)
    {
        var (sent, body) = (Name(context), await CommandBody.ReadAsync(context.Request, GatewayJson.Shared.AckRequest));
        return Result(await CallAsync(() => Grain(grains).Ack(sent, body.Leases, context.RequestAborted)));
    }

    private static async Task<IResult> Nack(HttpContext context, string name, IGrainFactory grains)
    {
        var (sent, body) = (
            Name(context), await CommandBody.ReadAsync(context.Request, GatewayJson.Shared.NackRequest));
        var refusal = new LeaseRefusal
        {
            Reason = body.Reason, Delay = RequestTime.OfMs(body.DelayMs, "delayMs"), Park = body.Park,
        };
        return Result(await CallAsync(() => Grain(grains).Nack(sent, body.Leases, refusal, context.RequestAborted)));
    }

    private static JsonResult<LeasesResponse> Result(LeaseAnswer answer) =>
        new(LeasesResponse.Of(answer), GatewayJson.Shared.LeasesResponse);

    // What the subscription's own limits refuse is named by its message.
    private static async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (ArgumentException fault)
        {
            throw ApiProblem.BadRequest("invalid-body", fault.Message);
        }
    }

    private static string Name(HttpContext context) => RequestTarget.Name(context, "name");

    private readonly record struct NextCall(string Name, int Limit, TimeSpan? Lease, TimeSpan Wait);

    private static ISubscriptionsGrain Grain(IGrainFactory grains) => grains.GetGrain<ISubscriptionsGrain>(0);
}
