using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Granary.Gateway;

/// <summary><c>/api/models/{projection}</c>: models by key, and pages of them.</summary>
internal static class ModelEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        var models = api.MapGroup("/models/{projection}").WithTags("Models").WithMetadata(NamesInPath.Marker);
        models.MapHeavyRead(
                "", Query, ApiParameter.Where, ApiParameter.OrderBy, ApiParameter.Descending, ApiParameter.ModelLimit,
                ApiParameter.AfterModel, ApiParameter.MinPosition, ApiParameter.Wait)
            .WithSummary("A page of a projection's models")
            .WithDescription("next is what is sent as after for the following page, with the same order. A page may "
                + "end before its limit.")
            .Produces<ModelPageResponse>().ProducesProblems(400, 404, 503);
        models.MapHeavyRead("/{key}", Find, ApiParameter.MinPosition, ApiParameter.Wait)
            .WithSummary("The model of a key")
            .WithDescription("That of a live projection is folded from its stream: 410 where its first events were "
                + "removed, 413 where it has too many.")
            .Produces<ModelResponse>().ProducesProblems(400, 404, 410, 413, 503);
    }

    private static async Task<IResult> Query(HttpContext context, string projection, IGrainFactory grains)
    {
        var request = context.Request;
        var page = await grains.GetGrain<IModelGrain>(0).Query(
            new ModelRequest(RequestTarget.Name(context, "projection"))
            {
                Conditions = ModelQueryParameters.Conditions(request),
                OrderBy = RequestQuery.Text(request, "orderBy"),
                Descending = ModelQueryParameters.Descending(request),
                After = RequestQuery.Text(request, "after"),
                Limit = RequestQuery.Limit(request),
                Wait = ModelQueryParameters.Wait(request),
            },
            context.RequestAborted);
        return new JsonResult<ModelPageResponse>(
            new ModelPageResponse([.. page.Models.Select(ModelResponse.Of)], page.Next),
            GatewayJson.Shared.ModelPageResponse);
    }

    private static async Task<IResult> Find(
        HttpContext context, string projection, string key, IGrainFactory grains)
    {
        var (name, sent) = (RequestTarget.Name(context, "projection"), RequestTarget.Name(context, "key"));
        var found = await grains.GetGrain<IModelGrain>(0).Find(
            name, sent, ModelQueryParameters.Wait(context.Request), context.RequestAborted);
        return found is null
            ? throw ApiProblem.NotFound($"The projection '{name}' has no model '{sent}'.")
            : new JsonResult<ModelResponse>(ModelResponse.Of(found), GatewayJson.Shared.ModelResponse);
    }
}
