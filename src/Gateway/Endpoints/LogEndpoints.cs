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
        .WithMetadata(ApiParameter.Partition, ApiParameter.After, ApiParameter.Limit)
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

        var page = await client.ReadLogAsync(new LogPosition(new((int)at), new(from)), size, token);
        return Answers.Page(page, static last => last.Position.Position.Value);
    }
}
