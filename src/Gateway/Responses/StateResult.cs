using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Granary.Gateway;

/// <summary>Sends a state, which may be large: it is copied into the connection's buffer and nowhere else.</summary>
internal sealed class StateResult(StateResponse state) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        return HttpMethods.IsHead(httpContext.Request.Method)
            ? Task.CompletedTask
            : JsonSerializer.SerializeAsync(
                httpContext.Response.BodyWriter, state, GatewayJson.Shared.StateResponse, httpContext.RequestAborted);
    }
}
