using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Granary.Gateway;

/// <summary>How the gateway's calls are mapped.</summary>
internal static class Mapping
{
    /// <summary>Where the calls are.</summary>
    public const string Api = "/api";

    /// <summary>Lets a call that is mapped by GET alone answer HEAD too; the server drops the body.</summary>
    public static HttpMethodMetadata Read { get; } = new([HttpMethods.Get, HttpMethods.Head]);

    /// <summary>Maps a call that reads, by GET and by HEAD.</summary>
    public static RouteHandlerBuilder MapRead(
        this RouteGroupBuilder group, string pattern, Delegate handler, params ApiParameter[] parameters)
    {
        group.MapMethods(pattern, [HttpMethods.Head], handler).WithMetadata([.. parameters]).ExcludeFromDescription();
        return group.MapGet(pattern, handler).WithMetadata([.. parameters]);
    }

    /// <summary>Maps a call that reads pages or states: so many at once, and no more.</summary>
    public static RouteHandlerBuilder MapHeavyRead(
        this RouteGroupBuilder group, string pattern, Delegate handler, params ApiParameter[] parameters)
    {
        group.MapMethods(pattern, [HttpMethods.Head], handler).AddEndpointFilter(HeavyReads.Filter)
            .WithMetadata([.. parameters]).ExcludeFromDescription();
        return group.MapGet(pattern, handler).AddEndpointFilter(HeavyReads.Filter).WithMetadata([.. parameters])
            .ProducesProblems(503);
    }

    /// <summary>Describes which problems a call answers with.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder route, params int[] statuses)
    {
        foreach (var status in statuses) route.Produces<ProblemResponse>(status, ProblemResponse.ContentType);
        return route;
    }
}
