using Granary.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Granary.Gateway;

/// <summary><c>/api/log</c>: everything, in order.</summary>
internal static class LogEndpoints
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/log", Log).WithTags("Log")
        .WithSummary("A page of one partition of the log, oldest first")
        .Produces<PageDescription>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);

    private static async Task<IResult> Log(
        HttpContext context, string? partition, string? after, string? limit, IGranaryClient client)
    {
        var token = context.RequestAborted;
        var at = RequestQuery.Number("partition", partition) ?? 0;
        var (from, size) = (RequestQuery.Number("after", after) ?? 0, RequestQuery.Limit(limit));
        var count = await client.GetPartitionCountAsync(token);
        if (at >= count)
            throw ApiProblem.NotFound($"There is no partition {at}; they are counted from 0 and there are {count}.");

        // Whether more follows is known only by looking at what follows.
        var place = new LogPosition(new((int)at), new(from));
        var events = await client.ReadLogAsync(place, size, token);
        if (events.Count < size) return Answers.Page(events, null);
        var last = events[^1].Position;
        var more = await client.ReadLogAsync(last, 1, token);
        return Answers.Page(events, more.Count > 0 ? last.Position.Value : null);
    }
}
