using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Granary.Gateway;

/// <summary><c>/api/log</c>: everything, in order.</summary>
internal static class LogEndpoints
{
    public static void Map(RouteGroupBuilder api) => api
        .MapHeavyRead("/log", Log, ApiParameter.Partition, ApiParameter.After, ApiParameter.Limit).WithTags("Log")
        .WithSummary("A page of one partition of the log, oldest first")
        .WithDescription(StreamEndpoints.PageDescription)
        .Produces<PageResponse>(200, "application/json", CloudEvents.Batch).ProducesProblems(400, 404);

    private static async Task<IResult> Log(HttpContext context, EventReader reader)
    {
        var token = context.RequestAborted;
        var at = RequestQuery.Number(context.Request, "partition") ?? 0;
        var from = RequestQuery.Number(context.Request, "after") ?? 0;
        var limit = RequestQuery.Limit(context.Request);
        var count = await reader.GetPartitionCountAsync(token);
        if (at >= count)
            throw ApiProblem.NotFound($"There is no partition {at}; they are counted from 0 and there are {count}.");

        var events = reader.ReadLogAsync(new LogPosition(new((int)at), new(from)), token);
        var page = await StreamEndpoints.BeginPageAsync(context, events, limit);
        return new PageResult(page, from, static last => last.Position.Position.Value);
    }
}
