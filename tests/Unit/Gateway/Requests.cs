using System.Text;
using Granary.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Granary.Tests.Unit.Gateway;

/// <summary>Requests as the server would hand them over.</summary>
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

    public static HttpContext To(string rawTarget)
    {
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = rawTarget;
        RequestTarget.Take(context);
        return context;
    }
}
