using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Granary.Tests.Unit.Gateway;

/// <summary>Requests as the server would pass them on.</summary>
internal static class Requests
{
    public static HttpRequest Post(string body, string contentType, params (string Name, string Value)[] headers) =>
        Post(Encoding.UTF8.GetBytes(body), contentType, headers);

    public static HttpRequest Post(byte[] body, string contentType, params (string Name, string Value)[] headers)
    {
        var request = new DefaultHttpContext().Request;
        request.Body = new MemoryStream(body);
        request.ContentType = contentType;
        foreach (var (name, value) in headers) request.Headers[name] = value;
        return request;
    }

    /// <summary>A request that was routed.</summary>
    public static HttpContext To(string rawTarget, string pattern, params (string Name, string Value)[] routed)
    {
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = rawTarget;
        context.SetEndpoint(new RouteEndpoint(
            static _ => Task.CompletedTask, RoutePatternFactory.Parse(pattern), 0, EndpointMetadataCollection.Empty,
            null));
        foreach (var (name, value) in routed) context.Request.RouteValues[name] = value;
        return context;
    }
}
